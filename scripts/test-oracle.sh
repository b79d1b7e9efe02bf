#!/usr/bin/env bash
# Random checks files through this program and the real Soda Core, each in its own Python environment (setup.sh test, oracle).
# usage: test-oracle.sh --binary PATH [--cases N] [--seed S] [--keep FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
exec "$cache/venv-test/bin/python" tests/oracle/compare.py --soda "$cache/venv-oracle/bin/python" "$@"
