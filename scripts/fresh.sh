#!/usr/bin/env bash
# The project on machines that have nothing: each step in a bare Debian 12 with ca-certificates, git and make, or less. What was committed
# here is cloned into it. Downloads are kept in the cache between runs; nothing that was installed or compiled is.
# usage: fresh.sh [STEP...] [beside STEP...]   (none: run-app test image install; those after `beside` run at the same time as the others, with
#   less of the processor, and must be of other machines: image, install)
#   run-app    `make run-app`, a newcomer's first command
#   test       `make test` after it, the second command
#   lint test-servers asan tsan fuzz    the same machine as a developer's goes on; test-servers is `make test-all` without what `make test` covered
#   unchanged  what ran left the checkout as it was
#   image      the Dockerfile's steps, and the sample day in the image
#   packages   each package of scripts/setup.sh left out in turn, after run-app: which builds still pass
#   install    the .deb, the tar.gz and the wheel of the same build, each on another machine
# Needs root, for its roots are in namespaces of its own: nothing stays mounted or running after it. KEEP=1 keeps the folder of roots.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
say() { printf '== %s\n' "$*" >&2; }
die() { printf 'fresh: %s\n' "$*" >&2; exit 1; }

readonly needed_space=16  # GB, of all steps together

# First pass: everything below happens in namespaces of a second one, which end with it.
if [ -z "${FRESH_WORK:-}" ]; then
  [ "$(id -u)" = 0 ] || die "this needs root: try sudo $0"
  command -v apt-get >/dev/null || die "this needs a Debian, or one of its kin, to make Debian roots"
  needed=()
  for pair in mmdebstrap:mmdebstrap unshare:util-linux git:git; do
    command -v "${pair%:*}" >/dev/null || needed+=("${pair#*:}")
  done
  if [ ${#needed[@]} -gt 0 ]; then
    say "installing ${needed[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${needed[@]}"; } >&2 || exit
  fi
  # Roots that a killed run left: they are of many gigabytes.
  for old in "${TMPDIR:-/tmp}"/fresh.*/; do
    if [ -f "$old/pid" ] && [ ! -e "/proc/$(cat "$old/pid")" ]; then rm -rf --one-file-system "$old"; fi
  done
  FRESH_WORK=$(mktemp -d -t fresh.XXXXXX)
  echo $$ >"$FRESH_WORK/pid"
  free=$(df --output=avail --block-size=1G "$FRESH_WORK" | tail -1)
  [ "$free" -ge "$needed_space" ] || say "all steps together need about $needed_space GB in ${TMPDIR:-/tmp}, and $free are free"
  export FRESH_WORK
  [ $# -gt 0 ] || set -- run-app test image install
  setpriv --pdeathsig KILL unshare --mount --mount-proc --propagation private --pid --fork --kill-child "scripts/${0##*/}" "$@" </dev/null &
  child=$!
  # shellcheck disable=SC2064
  trap "kill -KILL $child; wait $child" INT TERM HUP
  wait "$child"
  status=$?
  if [ -n "${KEEP:-}" ]; then say "kept: $FRESH_WORK"; else rm -rf --one-file-system "$FRESH_WORK"; fi
  exit "$status"
fi

work=$FRESH_WORK
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
checkout=$PWD
results=$work/results
status=0 lane=''
mkdir -p "$results/steps"
# shellcheck source=scripts/fresh/root.sh
. scripts/fresh/root.sh
# shellcheck source=scripts/fresh/dockerfile.sh
. scripts/fresh/dockerfile.sh
# shellcheck source=scripts/fresh/installed.sh
. scripts/fresh/installed.sh
# shellcheck source=scripts/fresh/packages.sh
. scripts/fresh/packages.sh

# cpu_seconds PROCESS: used by it and by those that it waited for.
cpu_seconds() { awk '{print int(($14 + $15 + $16 + $17) / 100)}' "/proc/$1/stat"; }

# step NAME COMMAND...: runs it; its time, and its failure, which a compiler's warning is too.
step() {
  local started=$SECONDS self=$BASHPID used log=$work/$1.log failure='' tee
  used=$(cpu_seconds "$self")
  echo "=== $1"
  # Not in a pipe: what a step sets, the next ones use.
  mkfifo "$log.pipe"
  tee "$log" <"$log.pipe" &
  tee=$!
  "${@:2}" >"$log.pipe" 2>&1 || failure="ended with $?"
  # Longer only where something that a step left running holds the pipe open.
  for _ in $(seq 50); do
    kill -0 "$tee" 2>/dev/null || break
    sleep 0.1
  done
  if grep -qE ':[0-9]+: warning:|^warning:|ld: warning:' "$log"; then failure="${failure:+$failure, }compiler warnings, see above"; fi
  if [ -n "$failure" ]; then
    echo "<failure message=\"$failure\"/>" >"$results/steps/$1"
    echo "=== FAILED: $1: $failure"
  else
    : >"$results/steps/$1"
  fi
  echo "=== $((SECONDS - started)) s, $(($(cpu_seconds "$self") - used)) s of CPU: $1"
}

# cloned FOLDER: what is committed here.
cloned() { git -c safe.directory='*' clone --quiet --no-hardlinks "file://$checkout" "$1"; }

# The newcomer's machine: the smallest Debian with what fetches and starts the project, and a clone.
newcomer() {
  [ ! -d "$work/newcomer" ] || return 0
  bare minimal ca-certificates git make || return
  root newcomer minimal && with_clients newcomer || return
  cloned "$work/newcomer/root/movies-etl" || return
  mkdir -p "$work/newcomer/root/results"
  mount --bind "$results" "$work/newcomer/root/results"
  # Input that lies beside a checkout, for the proofs that ask for it.
  if [ -d "$checkout/../shared" ]; then
    mkdir "$work/newcomer/root/shared"
    mount -o bind,ro "$checkout/../shared" "$work/newcomer/root/shared"
  fi
}

# types COMMAND...: at the newcomer's prompt.
types() { newcomer && folder=/root/movies-etl in_root newcomer "$@"; }

# shellcheck disable=SC2317 # called by step
run_app() { types make run-app EXECUTION_DATE=2021-01-01 | tee "$work/printed" && grep -q 'published as version 1' "$work/printed"; }
# sanitized PRESET VARIABLE...: the unit tests, built by the preset.
# shellcheck disable=SC2317
sanitized() {
  types "${@:2}" scripts/build.sh "$1" tests &&
    types GTEST_OUTPUT="xml:/root/results/$1/" ctest --test-dir "build/$1" --label-regex unit --output-on-failure --parallel 2 --no-tests=error \
      --output-junit "/root/results/$1.xml"
}

# steps NAME...: one after the other; all of them, whatever fails.
steps() {
  local name
  for name; do
    case $name in
      run-app) step "$name" run_app ;;
      test) step "$name" types RESULTS="/root/results/$name" make test ;;
      test-servers) step "$name" types CI=true SPARK=1 RESULTS="/root/results/$name" scripts/test.sh servers ;;
      lint) step "$name" types CI=true make lint ;;
      asan) step "$name" sanitized asan SPARK=1 KAFKA=1 ;;
      tsan) step "$name" sanitized tsan ;;
      fuzz) step "$name" types CI=true make fuzz FUZZ_SECONDS=60 ;;
      unchanged) step "$name" types git diff --exit-code ;;
      packages) step "$name" packages_are_needed ;;
      image) step build built && step "$name" image ;;
      install) step "$name" install_elsewhere ;;
      *) die "unknown step '$name': see the head of this script" ;;
    esac
  done
}

first=()
while [ $# -gt 0 ] && [ "$1" != beside ]; do
  first+=("$1")
  shift
done
if [ $# -gt 0 ]; then
  (lane=-beside && renice -n 10 "$BASHPID" >/dev/null && steps "${@:2}") >"$work/beside.log" 2>&1 &
  beside=$!
fi
steps "${first[@]}"
if [ -n "${beside:-}" ]; then
  say "waiting for the steps beside these"
  wait "$beside" || status=1
  cat "$work/beside.log"
fi

# One count of the tests and of the steps around them.
{
  echo '<testsuite name="fresh">'
  for name in "$results"/steps/*; do echo "<testcase name=\"fresh.${name##*/}\">$(cat "$name")</testcase>"; done
  echo '</testsuite>'
} >"$results/fresh.xml"
if [ "$(cat "$results"/steps/* | wc -c)" != 0 ]; then status=1; fi
mapfile -t counted < <(cd "$results" && find . -name '*.xml' -printf '/root/results/%P\n' | sort)
if [ -x "$work/newcomer/usr/bin/python3" ]; then
  types python3 scripts/count-tests.py "${counted[@]}" || status=1
else
  failed=$(find "$results/steps" -type f -size +0 | wc -l)
  echo "$(($(find "$results/steps" -type f | wc -l) - failed)) passed, $failed failed"
fi
exit "$status"
