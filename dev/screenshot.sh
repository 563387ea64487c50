#!/usr/bin/env bash
# A picture of QGIS Desktop with a project open, on a screen of its own.
# Use as: dev/screenshot.sh project.qgz picture.png
set -euo pipefail
cd "$(dirname "$0")/.."
project=$(realpath "$1")
picture=$(realpath -m "$2")
eval "$(bash dev/env.sh)"
export QT_QPA_PLATFORM=xcb
profiles=$(mktemp -d)
xvfb-run -a -s "-screen 0 1680x1050x24" bash -s -- "$project" "$picture" "$profiles" <<'IN'
timeout 90 qgis --nologo --noversioncheck --noplugins --profiles-path "$3" \
    --lang nl --code dev/full_screen.py "$1" >/dev/null 2>&1 &
sleep 30
import -window root "$2"
kill %1 2>/dev/null || true
IN
rm -rf "$profiles"
echo "Made: $picture"
