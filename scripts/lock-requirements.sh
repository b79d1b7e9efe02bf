#!/usr/bin/env bash
# Makes each requirements.txt out of the requirements.in beside it: every package that comes with those, with the checksums of its files.
# usage: lock-requirements.sh   (after a change of a requirements.in; Python 3.11 of Debian 12 on x86_64 is what they are for)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r scripts/requirements-uv.txt
while read -r list; do
  "$work/venv/bin/uv" pip compile --quiet --no-header --no-annotate --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
    --generate-hashes "$list" --output-file "${list%.in}.txt"
done < <(git ls-files '*requirements*.in')
