"""A workspace of its own for each test: configuration, raw days, the real binary, and readers that are not ours."""

import json
import os
import resource
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
BINARY = Path(os.environ.get("MOVIES_ETL_BINARY", ROOT / "build/release/movies-etl"))
TIMEOUT = 120  # seconds; a hanging run fails its test instead of the suite

RAW_COLUMNS = {
    "movie_id": "BIGINT",
    "user_id": "BIGINT",
    "rating": "FLOAT",
    "timestamp": "BIGINT",
    "original_title": "VARCHAR",
    "original_language": "VARCHAR",
    "budget": "BIGINT",
    "adult": "BOOLEAN",
    "genres": "STRUCT(id BIGINT, name VARCHAR)[]",
}


def pytest_configure(config):
    config.addinivalue_line("markers", "spark: needs Spark as another reader, which `make test` does without")


@dataclass
class Finished:
    """A run that ended: exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


class Workspace:
    """A folder with an app_config.yaml whose development environment lies in it."""

    def __init__(self, root: Path):
        self.root = root
        self.raw = root / "raw"
        self.warehouse = root / "warehouse"
        self.table = self.warehouse / "movie_ratings_curated"
        self.config = root / "app_config.yaml"
        self.state = root.parent / f"{root.name}-state"  # of the program's user
        self.pipelines = ROOT / "pipelines"
        self.write_config()

    def location(self, path: Path) -> str:
        """What the configuration calls a folder of this workspace."""
        return str(path.relative_to(self.root))

    def path_of(self, location: str) -> Path:
        """The file or folder that the program, or another reader, names."""
        return Path(location)

    def arrived(self, path: Path) -> Path:
        """A raw file is written."""
        return path

    def delta(self, **options):
        """The table as delta-rs sees it."""
        from deltalake import DeltaTable

        return DeltaTable(str(self.table), **options)

    def write_config(self, extra: str = "", table: str = "default.movie_ratings_curated") -> None:
        self.config.write_text(
            f"development:\n  data:\n    raw:\n      location: {self.location(self.raw)}\n    curated:\n"
            f"      table: {table}\n      location: {self.location(self.warehouse)}\n"
            f"  pipelines:\n    location: {self.pipelines}\n{extra}"
        )

    def own_pipelines(self) -> Path:
        """A copy of the shipped pipelines that the test may change."""
        self.pipelines = self.root / "pipelines"
        shutil.copytree(ROOT / "pipelines", self.pipelines)
        self.write_config()
        return self.pipelines / "movie_ratings"

    def add_pipeline(self, name: str, source: str, target: str, select: str, checks: str) -> None:
        """One more pipeline in a copy of the shipped ones, partitioned by `day`; columns as YAML flow mappings."""
        self.own_pipelines()
        folder = self.pipelines / name
        folder.mkdir()
        (folder / "pipeline.yaml").write_text(
            f'source:\n  path: "{{yyyy}}/{{MM}}/{{dd}}"\n  columns: {source}\ntransform: transform.sql\n'
            f"target:\n  partition: day\n  columns: {target}\nchecks: checks.yaml\n"
        )
        (folder / "transform.sql").write_text(select + "\n")
        (folder / "checks.yaml").write_text("checks for ${table}:\n" + "".join(f"  - {check}\n" for check in checks.split("; ")))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces text in a file of the pipeline, which must hold it."""
        path = self.pipelines / "movie_ratings" / name
        text = path.read_text()
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new))

    def day_folder(self, day: str = "2021-01-01") -> Path:
        return self.raw / day.replace("-", "/")

    def write_day(self, rows, day: str = "2021-01-01", name: str = "part-00000.parquet", columns=None) -> Path:
        """Writes raw rows (dicts; absent columns get plausible values) as one Parquet file."""
        columns = columns or RAW_COLUMNS
        defaults = {
            "rating": 4.0,
            "timestamp": 1609459200,
            "original_title": "Title",
            "original_language": "en",
            "budget": 1000,
            "adult": False,
            "genres": [{"id": 1, "name": "Drama"}],
        }
        folder = self.day_folder(day)
        folder.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect()
        connection.execute("CREATE TABLE raw (" + ", ".join(f'"{n}" {t}' for n, t in columns.items()) + ")")
        for row in rows:
            values = [{**defaults, **row}.get(name) for name in columns]
            connection.execute(f"INSERT INTO raw VALUES ({', '.join('?' * len(columns))})", values)
        path = folder / name
        connection.execute(f"COPY raw TO '{path}' (FORMAT parquet)")
        return self.arrived(path)

    def write_sql(self, select: str, day: str = "2021-01-01", name: str = "part-00000.parquet") -> Path:
        folder = self.day_folder(day)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        quoted = str(path).replace("'", "''")
        duckdb.connect().execute(f"COPY ({select}) TO '{quoted}' (FORMAT parquet)")
        return self.arrived(path)

    def write_small_files(self) -> list[str]:
        """60 raw files of 500 rows. With the flags that it returns as many are staged, small enough to be compacted."""
        # Plain integers: a raw file fills a part, and shrinks to less than half of the target when it is written delta-encoded.
        folder = self.day_folder()
        folder.mkdir(parents=True)
        for number in range(60):
            first = number * 500
            duckdb.execute(
                f"COPY (SELECT i AS movie_id, i AS user_id, 4::FLOAT AS rating, i AS timestamp, 'T' AS original_title, 'en' AS original_language, "
                f"i AS budget, false AS adult, NULL::STRUCT(id BIGINT, name VARCHAR)[] AS genres FROM range({first}, {first + 500}) t(i)) "
                f"TO '{folder}/part-{number:05}.parquet' (FORMAT parquet, COMPRESSION uncompressed)"
            )
        return ["--set", f"write.target_file_size={max(f.stat().st_size for f in folder.iterdir())}"]

    def command(self, *args: str, day: str | None = "2021-01-01") -> list[str]:
        date = ["--execution-date", day] if day else []
        return [str(BINARY), "run", *date, "--config-file-path", str(self.config), *args]

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DYNACONF") and k != "ENV_FOR_DYNACONF"}
        return {**kept, "TMPDIR": str(self.root), "XDG_STATE_HOME": str(self.state), **variables}

    def run(self, *args: str, day: str | None = "2021-01-01", env=None, file_limit: int | None = None) -> Finished:
        return self.call(self.command(*args, day=day), env=env, file_limit=file_limit)

    def call(self, command: list[str], env=None, file_limit: int | None = None, cwd=None) -> Finished:
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit fails instead of killing
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

        done = subprocess.run(
            command,
            env=self.environment(**(env or {})),
            cwd=cwd or self.root,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            preexec_fn=limit if file_limit else None,
            restore_signals=not file_limit,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def start(self, *args: str, day: str = "2021-01-01") -> subprocess.Popen:
        return subprocess.Popen(
            self.command(*args, day=day),
            env=self.environment(),
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start_staging(self, *args: str, day: str = "2021-01-01") -> subprocess.Popen:
        """A run that has begun to stage files."""
        before = self.files_on_disk()
        process = self.start(*args, day=day)
        deadline = time.monotonic() + 60
        while self.files_on_disk() == before:
            assert process.poll() is None and time.monotonic() < deadline, process.communicate(timeout=30)[1]
            time.sleep(0.01)
        return process

    def start_after(self, line: str, *args: str) -> subprocess.Popen:
        """A run that has logged this line."""
        process = self.start(*args)
        for told in process.stderr:
            if line in told:
                return process
        raise AssertionError(f"it ended with {process.wait()} and never said {line!r}")

    def published(self, *args: str, day: str = "2021-01-01"):
        """Runs a day that must end well; its JSON report."""
        done = self.run("--output", "json", *args, day=day)
        assert done.code == 0, done.err
        return done.json["runs"][0]

    def rows(self, columns: str = "*", where: str = "true", order: str = "ALL"):
        """Rows of the table as another reader sees them."""
        rows_of_table = self.delta().to_pyarrow_table()  # noqa: F841, read by the query
        return duckdb.sql(f"SELECT {columns} FROM rows_of_table WHERE {where} ORDER BY {order}").fetchall()

    def live_files(self, day: str | None = None) -> list[str]:
        filters = [("run_date", "=", day)] if day else None
        return sorted(str(self.path_of(uri)) for uri in self.delta().file_uris(file_pruning_predicate=filters))

    def files_on_disk(self) -> list[str]:
        return sorted(str(p.relative_to(self.table)) for p in self.table.rglob("*.parquet") if "_delta_log" not in p.parts)

    def leftovers(self) -> list[str]:
        """Markers and files of the table that no version of it names."""
        log = "".join(p.read_text() for p in (self.table / "_delta_log").glob("*.json")) if self.table.exists() else ""
        strays = [f for f in self.files_on_disk() if Path(f).name not in log] if self.table.exists() else []
        return strays + sorted(str(p) for p in self.warehouse.rglob("_staging/*"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    assert BINARY.exists(), f"{BINARY} is not built: run make build"
    return Workspace(tmp_path)


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"LOUD: {SHARED} is not there, the proof on real input did not run")
    return SHARED
