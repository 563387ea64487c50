#!/usr/bin/env bash
# Walk the planner's path in QGIS Desktop, in Dutch and on a screen of its own.
# Use as: dev/desktop.sh folder-for-pictures
set -euo pipefail
cd "$(dirname "$0")/.."
pictures=$(realpath -m "$1")
# A path that may be seen in the pictures, and that QGIS does not mark as temporary.
work=$(mktemp -d /var/tmp/zandland.XXX)
trap 'rm -rf "$work"' EXIT
eval "$(bash dev/env.sh)"
export QT_QPA_PLATFORM=xcb PYTHONUNBUFFERED=1
mkdir -p "$pictures" "$work/profiles/default/QGIS"
cat > "$work/profiles/default/QGIS/QGIS3.ini" <<'IN'
[PythonPlugins]
kansenkaart=true
[locale]
overrideFlag=true
userLocale=nl
globalLocale=nl_NL
[app]
projections\promptWhenMultipleTransformsExist=false
IN
xvfb-run -a -s "-screen 0 1280x800x24" timeout 300 \
    qgis --nologo --noversioncheck --profiles-path "$work" \
    --code dev/desktop.py --py-args "$work" -- 2>"$work/errors.txt" \
    || { tail -20 "$work/errors.txt" >&2; exit 1; }
for picture in "$work"/desktop_*.png; do
    made="$pictures/$(basename "$picture")"
    convert "$picture" +dither -colors 200 "PNG8:$made"
    echo "Made: $made"
done
