"""One broker for the suite; each test has topics of its own in it."""

import itertools
import json
import shutil
import subprocess

import duckdb
import pytest

from . import broker as brokers

NUMBERS = itertools.count(1)
COLUMNS = {"id": "bigint", "at": "timestamp", "note": "string", "amount": "decimal(10,2)", "tags": "array<struct<k:string,v:bigint>>"}
PARTS = {"from_topic": "topic", "from_partition": "partition", "from_offset": "offset"}


def missing() -> str | None:
    """What the suite lacks, as a sentence; None when it can run."""
    if not (brokers.JARS / "complete").exists() or brokers.PACKAGES is None:
        return f"there is no broker at {brokers.JARS}: run scripts/setup.sh feed"
    if not shutil.which("java"):
        return "there is no java: run scripts/setup.sh feed"
    return None


def pytest_collection_modifyitems(items):
    if lacking := missing():
        for item in items:
            if item.path.parent.name == "feed":
                item.add_marker(pytest.mark.skip(reason=f"LOUD: {lacking}; this was not tested"))


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    broker = brokers.Broker(tmp_path_factory.mktemp("kafka") / "broker")
    try:
        yield broker.start()
    finally:
        broker.stop()


def event(number: int, day: str = "2021-01-01", **more) -> bytes:
    return json.dumps({"id": number, "at": f"{day} 12:00:00+00", "note": f"note {number}", **more}).encode()


class Feed:
    """A pipeline `p` with a feed from one topic, and what any reader of its raw files sees."""

    def __init__(self, workspace, broker):
        self.workspace, self.broker = workspace, broker
        self.topic = f"events{next(NUMBERS)}"
        self.define()

    def define(self, declared=COLUMNS, **keys):
        folder = self.workspace.root / "pipelines" / "p"
        folder.mkdir(parents=True, exist_ok=True)
        self.workspace.pipelines = folder.parent
        self.workspace.write_config()
        feed = {"brokers": self.broker.address, "topics": [self.topic], "event_time": "at", "columns": PARTS, **keys}
        definition = {
            "source": {"path": "{yyyy}/{MM}/{dd}", "columns": declared},
            "feed": feed,
            "transform": "transform.sql",
            "target": {"partition": "run_date", "columns": {"id": "bigint", "run_date": "string"}},
            "checks": "checks.yaml",
        }
        (folder / "pipeline.yaml").write_text(json.dumps(definition, indent=1))
        (folder / "transform.sql").write_text("SELECT id FROM source")
        (folder / "checks.yaml").write_text("checks for ${table}:\n  - row_count > 0\n")

    def command(self, *flags: str) -> list[str]:
        run = self.workspace.command(day=None)
        return [run[0], "ingest", *run[2:], "--pipeline", "p", *flags]

    def ingest(self, *flags: str):
        return self.workspace.call(self.command(*flags))

    def ingested(self, *flags: str) -> dict:
        done = self.ingest("--output", "json", *flags)
        assert done.code == 0, done.err
        return done.json

    def start(self, *flags: str, **options) -> subprocess.Popen:
        return subprocess.Popen(
            self.command(*flags), env=self.workspace.environment(), cwd=self.workspace.root,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        )  # fmt: skip

    def files(self) -> list[str]:
        return sorted(str(p.relative_to(self.workspace.raw)) for p in self.workspace.raw.glob("[0-9]*/*/*/*"))

    def rows(self, columns: str = "*") -> list[tuple]:
        """What is in the files of days, in the order of partitions and offsets."""
        if not self.files():
            return []
        return duckdb.sql(
            f"SELECT {columns} FROM read_parquet('{self.workspace.raw}/[0-9]*/*/*/*.parquet') ORDER BY from_topic, from_partition, from_offset"
        ).fetchall()

    def offsets(self) -> list[tuple]:
        return self.rows("from_partition, from_offset")

    def rejected(self, columns: str = "partition, \"offset\", reason") -> list[tuple]:
        return duckdb.sql(f"SELECT {columns} FROM read_parquet('{self.workspace.raw}/_rejected/*.parquet') ORDER BY partition, \"offset\"").fetchall()


@pytest.fixture
def feed(workspace, broker) -> Feed:
    return Feed(workspace, broker)
