#!/usr/bin/env bash
# Runs merge.py in the Python environment of the tests (setup.sh test), with Spark where it is there (setup.sh spark-server and delta).
# usage: merge.sh --binary PATH [--rows N] [--rounds N]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
spark=()
if [ -x "$cache/venv-spark/bin/python" ] && [ -e "$cache/delta-jars/complete" ]; then
  spark=(--spark-python "$cache/venv-spark/bin/python" --delta-jars "$cache/delta-jars/delta")
fi
exec "$cache/venv-test/bin/python" "$here/merge.py" "$@" "${spark[@]}"
