#!/usr/bin/env bash
# All tests: GoogleTest through ctest, the binary and other readers through pytest. Closes with one count.
# usage: test.sh [pytest arguments]   (RESULTS=DIR keeps the JUnit files)
set -uo pipefail
cd "$(dirname "$0")/.." || exit
scripts/setup.sh test || exit
scripts/build.sh release tests || exit
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
results=${RESULTS:-$(mktemp -d)}
ctest --test-dir build/release --label-regex unit --output-on-failure --parallel 3 --no-tests=error --output-junit "$results/unit.xml" |
  grep -vE '^ *(Start|[0-9]+/[0-9]+ Test .* Passed)' 
"$cache/venv-test/bin/pytest" tests/cli tests/interop -q -n 3 -p no:cacheprovider --junit-xml "$results/pytest.xml" "$@"
python3 scripts/count-tests.py "$results"/unit.xml "$results"/pytest.xml
