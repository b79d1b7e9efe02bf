#!/usr/bin/env bash
# Every linter over every file of its language; each one runs, and the script fails if any found something.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
failed=()
check() {
  echo "== $1"
  "${@:2}" || failed+=("$1")
}
mapfile -t cpp < <(git ls-files 'src/*.cpp' 'src/*.h' 'tests/*.cpp' 'tests/*.h')
mapfile -t tidy < <(git ls-files 'src/*.cpp')
mapfile -t shell < <(git ls-files '*.sh' .ci/run)
mapfile -t yaml < <(git ls-files '*.yml' '*.yaml')

words() {  # no decision hangs on the words of an error: it has a cause (src/base/error.h)
  ! grep -rnE '(message|said|hint|what)\(\)\.(find|contains|starts_with|ends_with|substr)\(' src
}

lengths() {  # what grew longer holds two things
  ! git ls-files -z 'src/*.cpp' 'src/*.h' 'bridge/src/*.rs' | xargs -0 wc -l | awk '$2 != "total" && $1 > 350 { print; found = 1 } END { exit !found }'
}

check clang-format clang-format --dry-run --Werror "${cpp[@]}"
check layers python3 scripts/layers.py
check words words
check lengths lengths
check shellcheck shellcheck "${shell[@]}"
check yamllint yamllint --strict "${yaml[@]}"
check hadolint "$cache/venv-lint/bin/hadolint" Dockerfile
check zizmor "$cache/venv-lint/bin/zizmor" --quiet --offline --min-severity medium --config .github/zizmor.yml .github/workflows
check actionlint "$cache"/actionlint-*/actionlint
check rustfmt cargo fmt --manifest-path bridge/Cargo.toml --check
check clippy env ZSTD_SYS_USE_PKG_CONFIG=1 cargo clippy --quiet --locked --manifest-path bridge/Cargo.toml \
  --target-dir "$cache/cargo" -- --deny warnings
# clang-tidy needs the compile commands of every file, and the headers that the bridge and protobuf generate.
SPARK=1 KAFKA=1 scripts/build.sh release || exit
check clang-tidy python3 scripts/tidy.py "$cache/venv-lint/bin/clang-tidy" build/release "$cache/tidy" "${tidy[@]}"
if [ ${#failed[@]} -gt 0 ]; then
  echo "lint failed: ${failed[*]}" >&2
  exit 1
fi
echo "lint: all clean"
