#!/usr/bin/env bash
# Prepare a fresh Debian 12 or 13 for developing and running Kansenkaart:
# QGIS 3.40, a virtual environment in .venv/, and the link .dev/plugins/kansenkaart.
# With KANSENKAART_BACKPORTS=yes Debian 13 gets the newer QGIS of its backports.
# Safe to run again: what is already there is left alone. All talk goes to stderr.
set -euo pipefail
exec 3>&1 1>&2
cd "$(dirname "$0")/.."
. /etc/os-release

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# The backports suite lies beside the main one, on the mirror this machine already uses.
add_backports() {
    local suite="${VERSION_CODENAME}-backports" uri
    apt-get indextargets --format '$(CODENAME)' | grep -qx "$suite" && return
    uri=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' \
        | awk -v code="$VERSION_CODENAME" '$1 == code { print $2; exit }')
    [ -n "$uri" ] || { echo "No apt source for $VERSION_CODENAME found on this machine."; exit 1; }
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
        "$uri" "$suite" /usr/share/keyrings/debian-archive-keyring.gpg \
        | as_root tee /etc/apt/sources.list.d/kansenkaart-backports.sources >/dev/null
    as_root apt-get update
}

system_packages="python3-venv python3-dev g++ make git poppler-utils fonts-open-sans
    python3-scipy python3-pyproj python3-matplotlib python3-jinja2 xvfb xauth imagemagick
    qttranslations5-l10n"
# Wheels of shapely and pyproj bring their own GEOS and PROJ, which clash with those
# of QGIS in one process. Debian 12 is too old to have what we need from apt, so
# shapely is built on the system's GEOS; Debian 13 has everything.
case "$VERSION_CODENAME" in
    bookworm)
        suite_option="-t bookworm-backports"
        python_packages='numpy<2 pandas<3 shapely<2.2 networkx'
        build_option="--no-binary shapely"
        system_packages="$system_packages libgeos-dev" ;;
    trixie)
        suite_option="${KANSENKAART_BACKPORTS:+-t trixie-backports}" python_packages="" build_option=""
        system_packages="$system_packages python3-geopandas python3-shapely python3-networkx" ;;
    *) echo "make setup knows Debian 12 (bookworm) and 13 (trixie), not ${PRETTY_NAME}."; exit 1 ;;
esac

stamp=".dev/setup-$(cat "$0" dev/*.txt | sha256sum | cut -c1-12)-$VERSION_CODENAME"
if [ ! -e "$stamp" ] || ! command -v qgis_process >/dev/null || [ ! -x .venv/bin/python ]; then
    as_root apt-get update
    [ -z "$suite_option" ] || add_backports
    apt_install $suite_option qgis python3-qgis
    apt_install $system_packages
    # /usr/bin/python3 is the python that QGIS is built for; another may come first on PATH.
    /usr/bin/python3 -m venv --system-site-packages .venv
    # The system's pyproj looks for PROJ's data in the environment it runs in.
    mkdir -p .venv/share
    ln -sfn /usr/share/proj .venv/share/proj
    pip=".venv/bin/python -m pip --disable-pip-version-check install --quiet"
    if [ -n "$python_packages" ]; then
        $pip $python_packages $build_option
        $pip --no-deps "geopandas==1.0.1" packaging
    fi
    $pip -r dev/tools.txt ${python_packages:+"numpy<2" "pandas<3"}
    # They ask for a newer numpy than QGIS's, without need.
    $pip --no-deps -r dev/oracles.txt
    # What there is in Qt 6, to read only: in no environment, or it would be run.
    $pip --no-deps --upgrade --target .dev/pyqt6 "PyQt6==6.12.0"
fi
mkdir -p .dev/plugins
ln -sfn "$PWD" .dev/plugins/kansenkaart
touch "$stamp"
