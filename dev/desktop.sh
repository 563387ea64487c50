#!/usr/bin/env bash
# Walk the manual in QGIS Desktop, in Dutch, on a screen of its own and in a profile that
# nobody has used. Use as: dev/desktop.sh folder-for-pictures [part…]
# Parts: install (first steps only); quarter and own, which are the whole manual.
set -euo pipefail
cd "$(dirname "$0")/.."
pictures=$(realpath -m "$1")
shift
[ $# -gt 0 ] || set -- quarter own
# A path that may be seen in the pictures, and that QGIS does not mark as temporary.
work=$(mktemp -d /var/tmp/zandland.XXX)
trap 'rm -rf "$work"' EXIT
bash dev/package.sh "$work"
eval "$(bash dev/env.sh)"
# The plugin of the working tree must not stand in for the installed one.
unset QGIS_PLUGINPATH
export QT_QPA_PLATFORM=xcb PYTHONUNBUFFERED=1
mkdir -p "$pictures" "$work/profiles/default/QGIS"
cat > "$work/profiles/default/QGIS/QGIS3.ini" <<'IN'
[locale]
overrideFlag=true
userLocale=nl
globalLocale=nl_NL
[app]
projections\promptWhenMultipleTransformsExist=false
plugin_repositories\QGIS%20Official%20Plugin%20Repository\enabled=false
IN
for part; do
    xvfb-run -a -s "-screen 0 1280x800x24" timeout 600 \
        qgis --nologo --noversioncheck --profiles-path "$work" \
        --code dev/desktop.py --py-args "$work" "$PWD" "$part" -- 2>"$work/errors.txt" \
        || { tail -20 "$work/errors.txt" >&2; exit 1; }
done
for picture in "$work"/*.png; do
    made="$pictures/$(basename "$picture")"
    convert "$picture" +dither -colors 128 "PNG8:$made"
    echo "Made: $made"
done
