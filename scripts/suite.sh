#!/usr/bin/env bash
# One folder of tests/ through pytest. What a test needs and does not find (a server package, a service), it skips loudly.
# usage: suite.sh cli|interop|spark|s3|catalog [pytest arguments]   (RESULTS=DIR keeps the JUnit file)
# A new suite: a folder tests/NAME, its name in scripts/test.sh and in tests/CMakeLists.txt.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
suite=$1
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
workers=3
[ "$suite" != spark ] || workers=1  # one server for all of its tests
if [ "$suite" = spark ] || [ "$suite" = interop ]; then
  # Of use only beside a Spark, which is not fetched for these alone: make setup leaves that out.
  [ ! -d "$cache/venv-spark" ] || scripts/setup.sh delta || echo "== LOUD: no Delta for Spark, see above: the tests that read by it are skipped"
fi
if [ "$suite" = catalog ]; then
  workers=1  # the same
  scripts/setup.sh catalog || echo "== LOUD: no Hive metastore, see above: the tests of catalogs are skipped"
  scripts/setup.sh spark-server || echo "== LOUD: no Spark, see above: the test that finds our table with it is skipped"
fi
if [ "$suite" = s3 ]; then
  workers=2  # each has a server beside the program
  scripts/setup.sh s3 || echo "== LOUD: no S3 server, see above: the tests on S3 are skipped"
fi
echo "== tests/$suite"
# Nothing hangs for ever: each test bounds itself, and this bounds the suite.
exec timeout --kill-after=10 1200 "$cache/venv-test/bin/pytest" "tests/$suite" -q -n "$workers" -p no:cacheprovider \
  ${RESULTS:+--junit-xml "$RESULTS/$suite.xml"} "${@:2}"
