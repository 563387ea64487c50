#!/usr/bin/env bash
# Pack the plugin as one folder `kansenkaart/` in kansenkaart-<version>.zip, in build/ or
# in the folder that is given. What is committed goes in; .gitattributes says what not.
set -euo pipefail
target=$(realpath -m "${1:-$(dirname "$0")/../build}")
cd "$(dirname "$0")/.."
metadata=$(git show HEAD:metadata.txt)
version=$(sed -n 's/^version=//p' <<< "$metadata")
package="$target/kansenkaart-$version.zip"
mkdir -p "$target"
git archive --format=zip --prefix=kansenkaart/ -o "$package" HEAD
git diff --quiet HEAD || echo "Uncommitted changes are not in the package." >&2
! grep -q '=.*example\.org' <<< "$metadata" \
    || echo "metadata.txt has placeholders: this ZIP is not for upload (docs/release.md)." >&2
echo "Made: $package ($(($(stat -c %s "$package") / 1000)) kB)"
