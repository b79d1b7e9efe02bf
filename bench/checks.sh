#!/usr/bin/env bash
# Runs checks.py: this program's checks against Soda Core 3.5.6 with the DuckDB that it wants (1.0.0), each in its own environment
# (setup.sh test, oracle).
# usage: checks.sh --rows N --binary PATH [--rounds N]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
exec "$cache/venv-test/bin/python" "$here/checks.py" --soda "$cache/venv-oracle/bin/python" "$@"
