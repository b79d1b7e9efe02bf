#!/usr/bin/env bash
# Runs bench.py in a Python environment of its own, kept in the cache and made anew when the pinned versions change.
# usage: run.sh --rows N --binary PATH [--peers default|all] [...]   (bench.py --help)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
requirements=$here/requirements.txt
venv=$cache/venv-bench
case " $* " in
  *' --peers all '* | *' --peers=all '*)
    requirements=$here/requirements-all.txt
    venv=$cache/venv-bench-all
    ;;
esac

wanted=$(cat "$here/requirements.txt" "$requirements")
if [ "$wanted" != "$(cat "$venv/installed.txt" 2>/dev/null)" ]; then
  echo "== installing the peers to compare with into $venv (once)" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$requirements" >&2
  printf '%s\n' "$wanted" > "$venv/installed.txt"
fi
exec "$venv/bin/python" "$here/bench.py" "$@"
