#!/usr/bin/env bash
# One folder of tests/ through pytest. What a test needs and does not find (a server package, a service), it skips loudly.
# usage: suite.sh cli|interop|spark|s3|azurite|catalog|feed|oracle [pytest arguments]   (RESULTS=DIR keeps the JUnit file)
# A new suite: a folder tests/NAME, its name in scripts/test.sh and in tests/CMakeLists.txt.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
suite=$1
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
workers=3 seconds=1200

# needs PART: what scripts/setup.sh brings; the suite goes on without it.
needs() { scripts/setup.sh "$1" || echo "== LOUD: there is no '$1', see above: the tests that need it are skipped"; }

case $suite in
  interop)
    # Of use only beside a Spark, which is not fetched for this alone: make setup leaves that out.
    [ ! -d "$cache/venv-spark" ] || needs delta
    ;;
  spark)
    workers=1  # one server for all of its tests
    seconds=1800  # it is slow beside a build
    [ ! -d "$cache/venv-spark" ] || needs delta
    ;;
  s3)
    workers=2  # each has a server beside the program
    for part in s3 spark-server hadoop; do needs "$part"; done
    ;;
  azurite) needs azurite ;;
  feed)
    workers=1  # one broker for all of its tests
    needs feed
    ;;
  oracle)
    workers=2
    needs oracle
    ;;
  catalog)
    workers=1
    for part in catalog spark-server delta s3 hadoop; do needs "$part"; done
    ;;
esac
echo "== tests/$suite"
# Nothing hangs for ever: each test bounds itself, and this bounds the suite.
exec timeout --kill-after=10 "$seconds" "$cache/venv-test/bin/pytest" "tests/$suite" -q -n "$workers" -p no:cacheprovider \
  ${RESULTS:+--junit-xml "$RESULTS/$suite.xml"} "${@:2}"
