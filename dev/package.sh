#!/usr/bin/env bash
# Pack the plugin as one folder `kansenkaart/` in build/kansenkaart-<version>.zip.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version=//p' metadata.txt)
mkdir -p build
git archive --format=zip --prefix=kansenkaart/ -o "build/kansenkaart-$version.zip" HEAD
echo "Made: build/kansenkaart-$version.zip"
