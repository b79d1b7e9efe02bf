# Whether the server of spark.sh or kafka.sh runs, and its end. Needs $state, the folder with its pid, and $sign, which its command line has.
# shellcheck shell=bash
: "${state:?}" "${sign:?}"

# Sets $pid. The pid file may be of an earlier boot: another process may have its number by now.
running() {
  pid=$(cat "$state/pid" 2>/dev/null) && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$sign"
}

# Whether all threads of process $pid are gone, and its ports with them: the first one may end while others still hold its files, and the
# system forgets what a process was called before it closes them.
ended() { ! grep -qsv '^State:[[:space:]]*Z' <(grep -hs '^State:' "/proc/$pid/task"/*/status); }

# wait_for_end SECONDS
wait_for_end() {
  for _ in $(seq $(($1 * 5))); do
    ! ended || return 0
    sleep 0.2
  done
  ended
}

# Ends process $pid, which is running; by force where it takes too long.
stop_it() {
  kill "$pid"
  wait_for_end 20 || { kill -KILL "$pid"; wait_for_end 20; }
}
