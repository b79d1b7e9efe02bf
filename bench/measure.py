"""Runs one command in a process of its own and says what it cost."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
POLL_SECONDS = 0.2

# Linux counts to the peak of a program what the process held that started it: started from here, one of 90 MB shows the 540 MB that
# a checkpoint once took here. So a small process starts it.
LAUNCHER = """
import json, os, subprocess, sys, time
told = os.fdopen(int(sys.argv[1]), "w")
begin = time.monotonic()
try:
    process = subprocess.Popen(sys.argv[2:], start_new_session=True)
except OSError as error:
    print(json.dumps({"error": error.strerror}), file=told)
    sys.exit()
print(json.dumps({"pid": process.pid}), file=told, flush=True)
_, status, usage = os.wait4(process.pid, 0)
cost = {"wall": time.monotonic() - begin, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss * 1024}
print(json.dumps({"code": os.waitstatus_to_exitcode(status), **cost}), file=told)
"""


@dataclass
class Measurement:
    """Seconds and bytes of one run; `error` says why it gave no figures to compare."""

    wall: float
    cpu: float  # user + system, of the process and all its children
    rss: int  # peak, of all its processes together
    output: int = 0
    rows: int | None = None
    error: str = ""
    facts: dict = field(default_factory=dict)  # what the program printed as JSON


def session_rss(session: int) -> int:
    """Resident bytes of all processes of a session; pages they share count for each."""
    total = 0
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path(f"/proc/{entry}/stat").read_text()
        except OSError:
            continue  # it ended meanwhile
        values = stat.rpartition(")")[2].split()  # the name in parentheses may hold spaces
        if int(values[3]) == session:
            total += int(values[21]) * PAGE
    return total


class Watchdog(threading.Thread):
    """Follows the memory of a session and kills it beyond a limit, before the kernel kills something else."""

    def __init__(self, session: int, memory: int, seconds: float):
        super().__init__(daemon=True)
        self.session = session
        self.memory = memory
        self.deadline = time.monotonic() + seconds
        self.peak = 0
        self.verdict = ""
        self.done = threading.Event()

    def run(self) -> None:
        last = 0
        while not self.done.wait(POLL_SECONDS):
            # A fork shows its parent's pages a second time until it runs another program: what counts is what stays.
            now = session_rss(self.session)
            self.peak = max(self.peak, min(last, now))
            last = now
            if self.peak > self.memory:
                self.verdict = f"killed: more than {self.memory / 1e9:.1f} GB of memory"
            elif time.monotonic() > self.deadline:
                self.verdict = "killed: took too long"
            if self.verdict:
                os.killpg(self.session, 9)
                return


def last_json(text: str) -> dict:
    """What a contender says of itself: our report of one day, or a peer's last line that is JSON."""
    for candidate in (text, *reversed(text.splitlines())):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found["runs"][0] if "runs" in found else found
    return {}


def parquet_bytes(folder: Path) -> int:
    files = folder.rglob("*.parquet")
    return sum(file.stat().st_size for file in files if "_delta_log" not in file.parts)


def run(command: list[str], output: Path, log: Path, cwd: Path, memory: int, seconds: float) -> Measurement:
    """Runs `command`, which writes Parquet files below `output`. Its output and errors go to `log`(.out, .err)."""
    out, err = log.with_suffix(".out"), log.with_suffix(".err")
    read, write = os.pipe()
    with open(out, "wb") as stdout, open(err, "wb") as stderr, open(read) as told:
        # A session of its own, so that its children can be found and ended with it.
        launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(write), *command]
        with subprocess.Popen(launcher, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=cwd, pass_fds=[write]):
            os.close(write)
            started = json.loads(told.readline())
            if "error" in started:
                return Measurement(0, 0, 0, error=f"cannot start {command[0]}: {started['error']}")
            watchdog = Watchdog(started["pid"], memory, seconds)
            watchdog.start()
            try:
                ended = json.loads(told.readline())
            except BaseException:  # interrupted: what was started ends with this program
                os.killpg(started["pid"], 9)
                raise
            finally:
                watchdog.done.set()
                watchdog.join()
    result = Measurement(
        wall=ended["wall"],
        cpu=ended["cpu"],
        rss=max(ended["rss"], watchdog.peak),
        output=parquet_bytes(output) if output.exists() else 0,
        facts=last_json(out.read_text(errors="replace")),
    )
    result.rows = result.facts.get("rows", result.facts.get("written", {}).get("rows"))
    if ended["code"] != 0:
        tail = err.read_text(errors="replace").strip().splitlines()[-3:]
        result.error = watchdog.verdict or f"exit code {ended['code']}: {' / '.join(tail)[-300:]}"
    return result
