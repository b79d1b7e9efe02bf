#!/usr/bin/env bash
# A local Spark Connect server out of the pip package pyspark, for trials and tests. It has neither Delta jars nor code of ours.
# usage: spark.sh up|down|run [spark-submit arguments]
#   up    in the background, returns when it answers; a second call says that it runs
#   down  ends it and removes its scratch folder; the log stays
#   run   in the foreground, as this very process
# Variables: SPARK_PORT (15002), SPARK_MEMORY (heap, 1g), SPARK_MASTER (local[*]), SPARK_STATE (folder of log, pid and scratch),
# SPARK_HOME (a Spark of one's own, with Connect), SPARK_CONNECT_AUTHENTICATE_TOKEN (the server then refuses clients without it).
set -euo pipefail
script=$(realpath "$0")
command=${1:-}
[ $# = 0 ] || shift
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
port=${SPARK_PORT:-15002}
state=${SPARK_STATE:-$cache/spark-$port}
started='Spark Connect server started at'
server=org.apache.spark.sql.connect.service.SparkConnectServer
sign=$server

die() { printf 'spark: %s\n' "$*" >&2; exit 1; }

# shellcheck source=scripts/server.sh
. "${script%/*}/server.sh"

home() {
  local found
  if [ -z "${SPARK_HOME:-}" ]; then
    found=("$cache"/venv-spark/lib/python3*/site-packages/pyspark)
    SPARK_HOME=${found[0]}
  fi
  connect=("$SPARK_HOME"/jars/spark-connect_2.13-*.jar)
  [ -f "${connect[0]}" ] || die "no Spark with Connect at $SPARK_HOME: run scripts/setup.sh spark-server, or set SPARK_HOME"
  export SPARK_HOME
}

# Loopback only: without a token the server runs whatever anyone sends it.
run() {
  home
  mkdir -p "$state/scratch"
  cd "$state/scratch"
  export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1}
  exec "$SPARK_HOME/bin/spark-submit" --class "$server" --master "${SPARK_MASTER:-local[*]}" --driver-memory "${SPARK_MEMORY:-1g}" \
    --conf spark.connect.grpc.binding.address=127.0.0.1 --conf "spark.connect.grpc.binding.port=$port" \
    --conf "spark.local.dir=$state/scratch" --conf spark.ui.enabled=false "$@" "${connect[0]}"
}

up() {
  if running; then
    echo "spark: runs already at sc://127.0.0.1:$port (process $pid, log $state/log)"
    return
  fi
  home
  mkdir -p "$state"
  : >"$state/log"
  nohup setsid "$script" run "$@" >"$state/log" 2>&1 </dev/null &
  echo $! >"$state/pid"
  for _ in $(seq 600); do
    if grep -q "$started" "$state/log"; then
      echo "spark: sc://127.0.0.1:$port (process $(cat "$state/pid"), log $state/log)"
      return
    fi
    kill -0 "$(cat "$state/pid")" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 20 "$state/log" >&2
  down >&2
  die "the server did not come up; its log: $state/log"
}

down() {
  if ! running; then
    echo "spark: nothing runs at port $port"
  else
    stop_it
    echo "spark: ended process $pid"
  fi
  rm -rf "$state/pid" "$state/scratch"
}

case $command in
  up | run) "$command" "$@" ;;
  down) down ;;
  *) die "unknown command '$command': give up, down or run" ;;
esac
