#!/usr/bin/env bash
# All tests: GoogleTest through ctest, the binary, other readers and services through pytest. Closes with one count.
# usage: test.sh [pytest arguments]   (RESULTS=DIR keeps the JUnit files)
set -uo pipefail
cd "$(dirname "$0")/.." || exit
scripts/setup.sh test || exit
scripts/build.sh release tests || exit
if [ -z "${RESULTS:-}" ]; then
  RESULTS=$(mktemp -d)
  trap 'rm -rf "$RESULTS"' EXIT
fi
export RESULTS
ctest --test-dir build/release --label-regex unit --output-on-failure --parallel 3 --no-tests=error --output-junit "$RESULTS/unit.xml" |
  grep -vE '^ *(Start|[0-9]+/[0-9]+ Test .* Passed)'
counted=("$RESULTS/unit.xml")
for suite in cli interop spark s3 azurite catalog; do
  [ -d "tests/$suite" ] || continue
  scripts/suite.sh "$suite" "$@"
  counted+=("$RESULTS/$suite.xml")  # one that is not there counts as a failure
done
python3 scripts/count-tests.py "${counted[@]}"
