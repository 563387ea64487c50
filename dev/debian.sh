#!/usr/bin/env bash
# Run a command on a bare Debian, in a copy of what is committed, in a folder of its own.
# Use as root, with debootstrap at hand:
#     dev/debian.sh bookworm make test
#     dev/debian.sh trixie-backports make test     (with the newer QGIS of the backports)
set -euo pipefail
cd "$(dirname "$0")/.."
suite=$1 release=${1%-backports}
shift
root="$PWD/.dev/debian/$suite"
export KANSENKAART_BACKPORTS=
[ "$suite" = "$release" ] || export KANSENKAART_BACKPORTS=yes

if [ ! -e "$root/ready" ]; then
    rm -rf "$root"
    mkdir -p "$root"
    debootstrap --variant=minbase --include=make,git,ca-certificates "$release" "$root"
    touch "$root/ready"
fi
# Where packages come through a proxy of the house, its certificate is known there too.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
home="$root/srv/kansenkaart"
if [ -d "$home" ]; then
    git -C "$home" fetch -q origin && git -C "$home" reset -q --hard FETCH_HEAD
else
    git clone -q . "$home"
fi

# Mounts of an own namespace go when it ends.
unshare --mount bash -euo pipefail -s "$root" "$@" <<'IN'
root=$1
shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
if [ -d ../shared ]; then  # real data, for the tests that read them
    mkdir -p "$root/srv/shared"
    mount --bind ../shared "$root/srv/shared"
fi
exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    KANSENKAART_BACKPORTS="$KANSENKAART_BACKPORTS" \
    bash -c 'cd /srv/kansenkaart && exec "$@"' - "$@"
IN
