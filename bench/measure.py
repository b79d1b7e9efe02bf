"""Runs one command in a process of its own and says what it cost."""

import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
POLL_SECONDS = 0.2


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
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        begin = time.monotonic()
        try:
            # A session of its own, so that its children can be found and ended with it.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=cwd, start_new_session=True
            )
        except OSError as error:
            return Measurement(0, 0, 0, error=f"cannot start {command[0]}: {error.strerror}")
        watchdog = Watchdog(process.pid, memory, seconds)
        watchdog.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:  # interrupted: what was started ends with this program
            os.killpg(process.pid, 9)
            raise
        finally:
            wall = time.monotonic() - begin
            watchdog.done.set()
            watchdog.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    result = Measurement(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        rss=max(usage.ru_maxrss * 1024, watchdog.peak),
        output=parquet_bytes(output) if output.exists() else 0,
        facts=last_json(out.read_text(errors="replace")),
    )
    result.rows = result.facts.get("rows", result.facts.get("written", {}).get("rows"))
    if process.returncode != 0:
        tail = err.read_text(errors="replace").strip().splitlines()[-3:]
        result.error = watchdog.verdict or f"exit code {process.returncode}: {' / '.join(tail)[-300:]}"
    return result
