#!/usr/bin/env bash
# Tests: GoogleTest through ctest, the binary, other readers and services through pytest. Closes with one count.
# usage: test.sh few|servers|all [pytest arguments]   (few: what needs no server; servers: the suites that have some; RESULTS=DIR keeps the JUnit files)
set -uo pipefail
cd "$(dirname "$0")/.." || exit
# One of the other readers (interop) is Spark.
case ${1:-few} in
  few) suites=(cli interop) ;;
  servers) suites=(interop spark s3 azurite catalog feed oracle) ;;
  all) suites=(cli interop spark s3 azurite catalog feed oracle) ;;
  *) echo "test.sh: give few, servers or all" >&2; exit 64 ;;
esac
if [ "${1:-few}" != few ]; then
  # The engine and the feed of the tests with servers, and what the other readers among the suites wait for.
  export SPARK=1 KAFKA=1
  scripts/setup.sh spark-server || exit
fi
scripts/setup.sh test || exit
scripts/build.sh release tests || exit
if [ -z "${RESULTS:-}" ]; then
  RESULTS=$(mktemp -d)
  trap 'rm -rf "$RESULTS"' EXIT
fi
mkdir -p "$RESULTS"
export RESULTS
# Each program counts as a test too, for one that dies leaves no results of its own.
GTEST_OUTPUT=xml:$RESULTS/unit/ ctest --test-dir build/release --label-regex unit --output-on-failure --parallel 3 --no-tests=error \
  --output-junit "$RESULTS/unit.xml" | grep -vE '^ *(Start|[0-9]+/[0-9]+ Test .* Passed)'
counted=("$RESULTS/unit.xml" "$RESULTS"/unit/*.xml)
for suite in "${suites[@]}"; do
  # The other readers but Spark need no server: `few` has them.
  only=()
  [ "${1:-few}:$suite" != servers:interop ] || only=(-m spark)
  scripts/suite.sh "$suite" "${only[@]}" "${@:2}"
  counted+=("$RESULTS/$suite.xml")  # one that is not there counts as a failure
done
python3 scripts/count-tests.py "${counted[@]}"
