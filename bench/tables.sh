#!/usr/bin/env bash
# Runs tables.py in the Python environment of the tests (setup.sh test).
# usage: tables.sh --binary PATH [--days N...] [--versions N] [--rounds N]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
exec "$cache/venv-test/bin/python" "$here/tables.py" "$@"
