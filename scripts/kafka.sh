#!/usr/bin/env bash
# A local Kafka broker, one process that is its own controller (KRaft), for trials and tests of the feed. It listens on this machine alone.
# usage: kafka.sh up|down|run
#   up    in the background, returns when it answers; a second call says that it runs
#   down  ends it and removes its topics; the log stays
#   run   in the foreground, as this very process; topics that it kept in its folder are there again
# Variables: KAFKA_PORT (9092), KAFKA_CONTROLLER_PORT (the next one), KAFKA_MEMORY (heap, 512m), KAFKA_STATE (folder of log, pid and topics).
set -euo pipefail
script=$(realpath "$0")
command=${1:-}
cache=${MOVIES_ETL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/movies-etl}
port=${KAFKA_PORT:-9092}
controller=${KAFKA_CONTROLLER_PORT:-$((port + 1))}
state=${KAFKA_STATE:-$cache/kafka-$port}
jars=$cache/kafka-jars
started='Kafka Server started'
sign=$state/server.properties

die() { printf 'kafka: %s\n' "$*" >&2; exit 1; }

# shellcheck source=scripts/server.sh
. "${script%/*}/server.sh"

configure() {
  mkdir -p "$state"
  cat >"$state/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:$controller
log.dirs=$state/topics
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.check.interval.ms=1000
PROPERTIES
  cat >"$state/log4j2.properties" <<'PROPERTIES'
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %m%n
rootLogger.level=info
rootLogger.appenderRef.console.ref=console
PROPERTIES
}

# broker CLASS ARGUMENT...: a program of the broker's jars.
broker() {
  java "-Xmx${KAFKA_MEMORY:-512m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Dlog4j2.configurationFile=$state/log4j2.properties" -cp "$jars/broker/*" "$@"
}

run() {
  [ -e "$jars/complete" ] || die "there is no broker at $jars: run scripts/setup.sh feed"
  configure
  if [ ! -e "$state/topics/meta.properties" ]; then
    broker kafka.tools.StorageTool format --standalone --cluster-id "$(broker kafka.tools.StorageTool random-uuid)" --config "$state/server.properties"
  fi
  exec java "-Xmx${KAFKA_MEMORY:-512m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Dlog4j2.configurationFile=$state/log4j2.properties" \
    -cp "$jars/broker/*" kafka.Kafka "$state/server.properties"
}

up() {
  if running; then
    echo "kafka: runs already at 127.0.0.1:$port (process $pid, log $state/log)"
    return
  fi
  mkdir -p "$state"
  : >"$state/log"
  nohup setsid "$script" run >"$state/log" 2>&1 </dev/null &
  echo $! >"$state/pid"
  for _ in $(seq 300); do
    if grep -q "$started" "$state/log"; then
      echo "kafka: 127.0.0.1:$port (process $(cat "$state/pid"), log $state/log)"
      return
    fi
    kill -0 "$(cat "$state/pid")" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 20 "$state/log" >&2
  down >&2
  die "the broker did not come up; its log: $state/log"
}

down() {
  if ! running; then
    echo "kafka: nothing runs at port $port"
  else
    stop_it
    echo "kafka: ended process $pid"
  fi
  rm -rf "$state/pid" "$state/topics"
}

case $command in
  up | down | run) "$command" ;;
  *) die "unknown command '$command': give up, down or run" ;;
esac
