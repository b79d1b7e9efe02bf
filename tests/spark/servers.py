"""Servers that the tests own: a Spark Connect server, a standalone cluster under one, Sail. None has Delta jars or code of ours.

Each process dies with the one that started it, whatever ends that one; memory is bounded by the heaps below.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from owned import bound_to_parent, free_port

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("MOVIES_ETL_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "movies-etl"))
VENV = Path(os.environ.get("SPARK_VENV", CACHE / "venv-spark"))
BINARY = Path(os.environ.get("MOVIES_ETL_BINARY", ROOT / "build/release/movies-etl"))
PYTHON = VENV / "bin/python"
START = 300  # seconds until a server answers, on a busy machine


def missing() -> str | None:
    """What the suite lacks, as a sentence; None when it can run."""
    if not PYTHON.exists():
        return f"there is no Spark at {VENV}: run scripts/setup.sh spark-server"
    if not shutil.which("java"):
        return "there is no java: run scripts/setup.sh spark-server"
    return None


def without_engine() -> str | None:
    """Why the program cannot run on Spark; None when it can."""
    if not BINARY.exists():
        return f"{BINARY} is not built"
    command = [BINARY, "run", "--execution-date", "2021-01-01", "--engine", "spark", "--spark-remote", "none"]
    if "this build has no Spark engine" in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60).stderr:
        return f"{BINARY} is built without the Spark engine: SPARK=1 make build"
    return None


def spark_home() -> Path:
    return next(VENV.glob("lib/python3*/site-packages/pyspark"))


def wait_for(what: str, condition, seconds: float = START, every: float = 0.05):
    """The first true value of `condition`; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(every)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Owned:
    """A process in a group of its own that is killed when this one ends."""

    def __init__(self, command: list, log: Path, **variables: str):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
        environment = {**kept, "SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": "127.0.0.1", **variables}
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, preexec_fn=bound_to_parent
            )
        self.log = log

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def end(self, number: int = signal.SIGTERM) -> None:
        """Ends the process and those it started; SIGKILL after 20 seconds."""
        if self.alive:
            os.killpg(self.process.pid, number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class ConnectServer:
    """Spark's own Connect server, started by scripts/spark.sh. It keeps its port over a restart."""

    def __init__(self, folder: Path, *conf: str, master: str = "local[2]", memory: str = "1g", token: str = ""):
        folder.mkdir(parents=True)
        self.folder, self.conf, self.master, self.memory, self.token = folder, conf, master, memory, token
        self.port = free_port()
        self.starts = 0
        self.owned: Owned | None = None

    @property
    def url(self) -> str:
        return f"sc://127.0.0.1:{self.port}"

    def start(self) -> "ConnectServer":
        self.starts += 1
        arguments = [part for conf in self.conf for part in ("--conf", conf)]
        variables = {"SPARK_CONNECT_AUTHENTICATE_TOKEN": self.token} if self.token else {}
        self.owned = Owned(
            [ROOT / "scripts/spark.sh", "run", *arguments],
            self.folder / f"log-{self.starts}",
            SPARK_PORT=str(self.port),
            SPARK_MEMORY=self.memory,
            SPARK_MASTER=self.master,
            SPARK_STATE=str(self.folder),
            **variables,
        )
        wait_for(f"the Spark Connect server, log {self.owned.log}", lambda: self.ready() or not self.owned.alive)
        assert self.owned.alive, self.owned.text()[-2000:]
        return self

    def ready(self) -> bool:
        return "Spark Connect server started at" in self.owned.text()

    def kill(self) -> None:
        """As a machine that loses its power."""
        self.owned.end(signal.SIGKILL)

    def stop(self) -> None:
        if self.owned:
            self.owned.end()
        shutil.rmtree(self.folder / "scratch", ignore_errors=True)

    # What the server's log says of its clients: sessions that were used and never closed, operations that still run.
    def open_sessions(self) -> set[str]:
        text = self.owned.text()
        used = set(re.findall(r"sessionId: ([0-9a-f-]{36}) accessed", text))
        return used - set(re.findall(r"Closing session with userId: .*sessionId: ([0-9a-f-]{36})", text))

    def operations(self) -> tuple[int, int]:
        """(started, running)"""
        text = self.owned.text()
        created = re.findall(r"ExecuteHolder ExecuteKey\((.*?)\) is created", text)
        removed = re.findall(r"ExecuteHolder ExecuteKey\((.*?)\) is removed", text)
        return len(created), len(set(created) - set(removed))

    def assert_left_alone(self) -> None:
        """Nothing of ours is left on it: no session, no operation."""
        wait_for("the server to be left alone", lambda: not self.open_sessions() and self.operations()[1] == 0, 30)


class Cluster:
    """A standalone master with two workers of one core each, and a Connect server that runs its jobs on them."""

    def __init__(self, folder: Path, *conf: str):
        folder.mkdir(parents=True)
        self.folder = folder
        self.port, self.web = free_port(), free_port()
        self.master: Owned | None = None
        self.workers: list[Owned] = []
        self.server = ConnectServer(
            folder / "server", "spark.executor.memory=512m", "spark.cores.max=2", "spark.executor.cores=1",
            "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC", *conf,
            master=f"spark://127.0.0.1:{self.port}", memory="768m",
        )  # fmt: skip

    def start(self) -> "Cluster":
        self.master = self.daemon("master.Master", "--port", self.port, "--webui-port", self.web)
        wait_for("the master", lambda: answers(self.port) and answers(self.web))
        for _ in range(2):
            self.add_worker()
        wait_for("two workers", lambda: self.alive_workers() == 2)
        self.server.start()
        return self

    def daemon(self, name: str, *arguments) -> Owned:
        command = [spark_home() / "bin/spark-class", f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", *arguments]
        log = self.folder / f"{name}-{len(self.workers)}.log"
        return Owned(command, log, SPARK_DAEMON_MEMORY="256m", SPARK_DAEMON_JAVA_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC", SPARK_WORKER_DIR=str(self.folder / "work"))

    def add_worker(self) -> None:
        more = ["--cores", 1, "--memory", "600m", "--webui-port", 0, f"spark://127.0.0.1:{self.port}"]
        self.workers.append(self.daemon("worker.Worker", *more))

    def state(self) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/json/", timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text.startswith(b"{") else {"aliveworkers": 0}  # its pages are there before what they show

    def alive_workers(self) -> int:
        return self.state()["aliveworkers"]

    def kill_worker(self) -> None:
        """A worker and the executors on it, as a machine that loses its power."""
        worker = next(w for w in self.workers if w.alive)
        executors = [int(p.parent.name) for p in Path("/proc").glob("[0-9]*/stat") if parent(p) == worker.process.pid]
        assert executors, "no executor runs on this worker"
        for pid in [*executors, worker.process.pid]:
            os.kill(pid, signal.SIGKILL)
        worker.process.wait()

    def stop(self) -> None:
        self.server.stop()
        for owned in [*self.workers, *([self.master] if self.master else [])]:
            owned.end()
        shutil.rmtree(self.folder / "work", ignore_errors=True)


def parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rsplit(")", 1)[1].split()[1])
    except OSError:  # ended meanwhile
        return 0


class Sail:
    """The light second server, of another make."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        self.folder, self.port = folder, free_port()
        self.owned: Owned | None = None

    @property
    def url(self) -> str:
        return f"sc://127.0.0.1:{self.port}"

    def start(self) -> "Sail":
        command = [VENV / "bin/sail", "spark", "server", "--ip", "127.0.0.1", "--port", self.port]
        self.owned = Owned(command, self.folder / "log")
        wait_for("Sail", lambda: answers(self.port) or not self.owned.alive)
        assert self.owned.alive, self.owned.text()[-2000:]
        return self

    def stop(self) -> None:
        if self.owned:
            self.owned.end()
