#!/usr/bin/env bash
# Builds dist/movies_etl-VERSION-py3-none-manylinux_2_36_x86_64.whl out of the relocatable archive of the same build, for images that install by
# pip: `pip install` lays bin, lib/movies-etl and share into the environment as the archive has them.
# usage: wheel.sh VERSION ARCHIVE
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 archive=$2
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
scripts/setup.sh wheel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
data=$work/wheel/movies_etl-$version.data info=$work/wheel/movies_etl-$version.dist-info
mkdir -p "$data/scripts" "$info/licenses" "$info/sboms"
tar xzf "$archive" -C "$work"
mv "$work"/movies-etl-*/ "$data/data"
mv "$data/data/bin/movies-etl" "$data/scripts/"
rmdir "$data/data/bin"
cp "$data"/data/share/doc/movies-etl/{LICENSE,THIRD-PARTY-LICENCES} "$info/licenses/"
cp "$data/data/share/doc/movies-etl/movies-etl.cdx.json" "$info/sboms/"
# The C library's version is that of the package's own dependency (cmake/packaging.cmake).
cat >"$info/WHEEL" <<WHEEL
Wheel-Version: 1.0
Generator: movies-etl
Root-Is-Purelib: false
Tag: py3-none-manylinux_2_36_x86_64
WHEEL
cat >"$info/METADATA" <<METADATA
Metadata-Version: 2.4
Name: movies-etl
Version: $version
Summary: Lakehouse ETL for movie ratings: checked, atomic Delta partitions
License-Expression: MIT
License-File: LICENSE
License-File: THIRD-PARTY-LICENCES
Description-Content-Type: text/markdown

METADATA
cat README.md >>"$info/METADATA"
"$cache/venv-wheel/bin/wheel" pack --dest-dir dist "$work/wheel" >/dev/null
