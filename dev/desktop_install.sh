#!/usr/bin/env bash
# Install the ZIP in QGIS Desktop, in a profile that nobody has used and on a screen of
# its own, and run two algorithms. Use as: dev/desktop_install.sh
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d /var/tmp/zandland.XXX)
trap 'rm -rf "$work"' EXIT
bash dev/package.sh "$work"
eval "$(bash dev/env.sh)"
# The plugin of the working tree must not stand in for the installed one.
unset QGIS_PLUGINPATH
export QT_QPA_PLATFORM=xcb PYTHONUNBUFFERED=1
xvfb-run -a -s "-screen 0 1280x800x24" timeout 120 \
    qgis --nologo --noversioncheck --profiles-path "$work" \
    --code dev/desktop_install.py --py-args "$work"/kansenkaart-*.zip -- \
    2>"$work/errors.txt" || { tail -20 "$work/errors.txt" >&2; exit 1; }
