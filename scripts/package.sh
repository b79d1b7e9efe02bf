#!/usr/bin/env bash
# Builds dist/movies-etl-VERSION-linux-x86_64.tar.gz (relocatable), .deb and a wheel, with their bill of materials and checksums.
# usage: package.sh [release|quick]   (quick packages the build that is there, its bridge compiled for a short build time)
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-release}
scripts/setup.sh build
if [ "$kind" = release ]; then
  scripts/setup.sh spark
  scripts/setup.sh kafka
  folder=build/package
  echo "== building with an optimised bridge (the first time some 15 minutes on 2 cores)" >&2
  mkdir -p build
  cmake --preset release -B "$folder" -DMETL_CARGO_PROFILE=release -DMETL_SPARK=ON -DMETL_KAFKA=ON >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
else
  scripts/build.sh release
  folder=build/release
fi
cmake --build "$folder" --target metl_packaged metl_docs >&2
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$folder/CMakeCache.txt")
library=$(sed -n 's/^DUCKDB_LIBRARY:FILEPATH=//p' "$folder/CMakeCache.txt")
bill=dist/movies-etl-$version-linux-x86_64.cdx.json
python3 scripts/sbom.py "$version" "$folder" "$(dirname "$library")" "$folder/generated/movies-etl.cdx.json" "$folder/generated/THIRD-PARTY-LICENCES"
rm -rf dist
(cd "$folder" && cpack >/dev/null)
cp "$folder/generated/movies-etl.cdx.json" "$bill"
scripts/wheel.sh "$version" "dist/movies-etl-$version-linux-x86_64.tar.gz"
(cd dist && rm -rf _CPack_Packages && sha256sum movies?etl-* >SHA256SUMS)
ls -1 dist/movies-etl-*.tar.gz dist/movies-etl-*.deb dist/movies_etl-*.whl
