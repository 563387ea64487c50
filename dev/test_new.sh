#!/usr/bin/env bash
# Run the tests of the method with the newest packages, as users on Windows have them:
# a virtual environment without the system's packages and without QGIS.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x .venv-new/bin/python ]; then
    /usr/bin/python3 -m venv .venv-new
    .venv-new/bin/python -m pip --disable-pip-version-check install --quiet \
        numpy pandas geopandas shapely scipy networkx Jinja2 pytest hypothesis
fi
.venv-new/bin/python -m pytest -q test/analysis "$@"
