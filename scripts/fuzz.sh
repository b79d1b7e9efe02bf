#!/usr/bin/env bash
# Fuzzes the reading of checks files: all targets side by side for SECONDS (60), starting from tests/fuzz/corpus. What makes
# one crash, hang (5 s) or need more than 1 GB is kept in build/fuzz/found, and fails the script.
# usage: fuzz.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
targets=(check_line file variables)
scripts/setup.sh build
scripts/setup.sh clang
export PATH=$PATH:$HOME/.cargo/bin
if [ ! -f build/fuzz/build.ninja ]; then
  mkdir -p build
  cmake --preset fuzz >build/fuzz.log 2>&1 || { cat build/fuzz.log >&2; exit 1; }
fi
cmake --build build/fuzz --target "${targets[@]/#/fuzz_}" >&2
mkdir -p build/fuzz/found

fuzz() {
  local grown=build/fuzz/corpus/$1
  mkdir -p "$grown"
  build/fuzz/tests/fuzz/fuzz_"$1" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=4096 -verbosity=0 \
    -print_final_stats=1 -print_funcs=0 -artifact_prefix="build/fuzz/found/$1-" "$grown" "tests/fuzz/corpus/$1" \
    >"build/fuzz/$1.log" 2>&1
}

echo "== fuzzing ${targets[*]} for $seconds s"
declare -A running
for target in "${targets[@]}"; do
  fuzz "$target" &
  running[$target]=$!
done
status=0
for target in "${targets[@]}"; do
  wait "${running[$target]}" || { status=1; echo "== FAILED: $target"; }
  echo "== $target"
  sed '/Recommended dictionary/,/End of recommended/d' "build/fuzz/$target.log"
done
[ "$status" = 0 ] || { echo "fuzz: the inputs that failed are in build/fuzz/found" >&2; ls build/fuzz/found >&2; }
exit "$status"
