#!/usr/bin/env bash
# Configures and builds a CMake preset, saying what it is doing while a first build takes its minutes.
# usage: build.sh release|debug|asan|tsan [tests]   (without `tests` only the program)
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1 what=${2:-program}
scripts/setup.sh build
[[ $preset != [at]san ]] || scripts/setup.sh clang
export PATH=$PATH:$HOME/.cargo/bin
folder=build/$preset
# The Spark engine and the client of Kafka are part of the build where they are wanted: SPARK=1, KAFKA=1. Once there they stay, as the unit
# tests do.
options=()
wanted() { grep -qs "^$1:BOOL=ON" "$folder/CMakeCache.txt" || options+=("-D$1=ON"); }
if [ -n "${SPARK:-}" ]; then
  scripts/setup.sh spark
  wanted METL_SPARK
fi
if [ -n "${KAFKA:-}" ]; then
  scripts/setup.sh kafka
  wanted METL_KAFKA
fi
[ "$what" = program ] || wanted METL_TESTS
if [ ! -f "$folder/build.ninja" ] || [ ${#options[@]} -gt 0 ]; then
  echo "== configuring $folder" >&2
  mkdir -p build
  cmake --preset "$preset" "${options[@]}" >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
fi
targets=(--target movies-etl)
[ "$what" = program ] || targets=()
if ! ninja -C "$folder" -n "${targets[@]:1}" | grep -q 'no work to do'; then
  echo "== building (a first build compiles the Rust bridge too: about 5 minutes on 2 cores; later ones take seconds)" >&2
fi
cmake --build "$folder" "${targets[@]}" >&2
