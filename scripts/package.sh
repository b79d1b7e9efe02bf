#!/usr/bin/env bash
# Builds dist/movies-etl-VERSION-linux-x86_64.tar.gz (relocatable) and .deb.
# usage: package.sh [release|quick]   (quick packages the build that is there, its bridge compiled for a short build time)
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-release}
scripts/setup.sh build
scripts/setup.sh spark
if [ "$kind" = release ]; then
  folder=build/package
  echo "== building with an optimised bridge (the first time some 15 minutes on 2 cores)" >&2
  cmake --preset release -B "$folder" -DMETL_CARGO_PROFILE=release -DMETL_SPARK=ON >/dev/null
else
  SPARK=1 scripts/build.sh release
  folder=build/release
fi
cmake --build "$folder" --target metl_packaged metl_docs >&2
(cd "$folder" && cpack >/dev/null)
ls -1 dist/movies-etl-*.tar.gz dist/movies-etl-*.deb
