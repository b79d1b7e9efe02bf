#!/usr/bin/env bash
# Configures and builds a CMake preset, saying what it is doing while a first build takes its minutes.
# usage: build.sh release|debug|asan [tests]   (without `tests` only the program)
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1 what=${2:-program}
scripts/setup.sh build
[ "$preset" != asan ] || scripts/setup.sh clang
export PATH=$PATH:$HOME/.cargo/bin
folder=build/$preset
# The Spark engine is part of the build where it is wanted: SPARK=1, or in CI. Once there it stays.
spark=()
if [ -n "${SPARK:-}${CI:-}" ] && ! grep -qs '^METL_SPARK:BOOL=ON' "$folder/CMakeCache.txt"; then
  scripts/setup.sh spark
  rm -f "$folder/build.ninja"
  spark=(-DMETL_SPARK=ON)
fi
if [ ! -f "$folder/build.ninja" ]; then
  echo "== configuring $folder" >&2
  mkdir -p build
  cmake --preset "$preset" ${CI:+-DMETL_WERROR=ON} "${spark[@]}" >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
fi
targets=(--target movies-etl)
[ "$what" = program ] || targets=()
if ! ninja -C "$folder" -n "${targets[@]:1}" | grep -q 'no work to do'; then
  echo "== building (a first build compiles the Rust bridge too: about 5 minutes on 2 cores; later ones take seconds)" >&2
fi
cmake --build "$folder" "${targets[@]}" >&2
