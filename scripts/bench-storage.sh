#!/usr/bin/env bash
# bench/storage.py in the Python environment of the tests, whose S3 server and proxy it uses (setup.sh test, s3).
# usage: bench-storage.sh --binary PATH [--rows N] [--rounds N]
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
exec "$cache/venv-test/bin/python" bench/storage.py "$@"
