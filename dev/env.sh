#!/usr/bin/env bash
# Print the environment in which qgis_process finds QGIS's packages and this plugin.
# Use as:  eval "$(make -s env)"; then, once per profile:
#          qgis_process plugins enable kansenkaart
set -euo pipefail
cd "$(dirname "$0")/.."
packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
runtime=${XDG_RUNTIME_DIR:-$PWD/.dev/runtime}
mkdir -p "$runtime"
chmod 700 "$runtime"
say() { printf "export %s='%s'\n" "$1" "$2"; }
say QT_QPA_PLATFORM "${QT_QPA_PLATFORM:-offscreen}"
say QGIS_PLUGINPATH "$PWD/.dev/plugins"
say XDG_RUNTIME_DIR "$runtime"
say PYTHONPATH "$packages${PYTHONPATH:+:$PYTHONPATH}"
