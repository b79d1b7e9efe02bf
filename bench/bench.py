"""Measures movies-etl against a floor and against what people would use instead, on one generated day.

Every figure of a report comes from one run of this program: each contender in its own process, round after round in turn,
so that a slow minute of the machine hits all of them; medians are compared. Results go to bench/results/.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import machine
import measure
import report
from measure import Measurement

BENCH = Path(__file__).resolve().parent
DAY = "2021-01-01"
DAY_FOLDER = "2021/01/01"
SAMPLE = machine.REPOSITORY / "data-lake-raw-dev/movie_ratings"
SAMPLE_ROUNDS = 5


@dataclass(frozen=True)
class Contender:
    name: str
    title: str
    command: Callable[[Path, Path], list[str]]  # (raw location, output folder)
    heavy: bool = False  # minutes or much memory: measured once


def contenders(binary: Path, peers: str) -> list[Contender]:
    def ours(*flags: str) -> Callable[[Path, Path], list[str]]:
        def command(raw: Path, output: Path) -> list[str]:
            run = [str(binary), "run", "--execution-date", DAY, "--config-file-path", str(config(raw, output))]
            return [*run, "--output", "json", *flags]

        return command

    def peer(script: str, *arguments: str) -> Callable[[Path, Path], list[str]]:
        path = str(BENCH / "peers" / script)
        return lambda raw, output: [sys.executable, path, *arguments, str(raw / DAY_FOLDER), str(output)]

    chosen = [
        Contender("floor", "floor: DuckDB copies the columns, no dedupe", peer("duckdb_job.py", "copy")),
        Contender("ours", "movies-etl, publish and checks included", ours()),
        Contender("ours_512MB", "movies-etl --memory-limit 512MB", ours("--memory-limit", "512MB")),
        Contender("duckdb_dedupe", "DuckDB window dedupe", peer("duckdb_job.py", "dedupe"), heavy=True),
        Contender("duckdb_sorted", "DuckDB window dedupe, sorted", peer("duckdb_job.py", "sorted"), heavy=True),
        Contender("polars", "Polars + deltalake, no checks", peer("polars_job.py"), heavy=True),
    ]
    if peers == "all":
        spark = str(BENCH / "peers" / "spark_engine_job.py")
        chosen.append(
            Contender(
                "ours_spark",
                "movies-etl on Spark Connect, server, publish and checks included",
                lambda raw, output: [sys.executable, spark, str(binary), str(config(raw, output))],
                heavy=True,
            )
        )
        chosen.append(Contender("pyspark", "PySpark + Delta, checks included", peer("pyspark_job.py"), heavy=True))
    return chosen


def config(raw: Path, output: Path) -> Path:
    """A config file like the project's own, with the locations of this run."""
    file = output.with_suffix(".yaml")
    settings = {
        "data": {
            "raw": {"location": str(raw)},
            "curated": {"table": "default.movie_ratings_curated", "location": str(output)},
        },
        "pipelines": {"location": str(machine.REPOSITORY / "pipelines")},
    }
    file.write_text(json.dumps({"development": settings}, indent=2))  # JSON is YAML
    return file


class Bench:
    """Where the runs of this process write, and how much they may take."""

    def __init__(self, work: Path, memory: int, seconds: float):
        self.work = work
        self.memory = memory
        self.seconds = seconds
        self.runs = 0

    @staticmethod
    @contextmanager
    def in_new_folder(parent: Path = BENCH / "data", share: float = 0.8, seconds: float = 1800) -> Iterator["Bench"]:
        """In a folder that goes afterwards, whatever happens; a run may take this share of the memory that is free."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended and the folder removed
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="work-", dir=parent, ignore_cleanup_errors=True) as work:
            yield Bench(Path(work), int(machine.available_bytes() * share), seconds)

    def run(self, contender: Contender, raw: Path) -> Measurement:
        self.runs += 1
        folder = self.work / f"{self.runs:03}-{contender.name}"
        folder.mkdir()
        output = folder / "output"
        os.sync()  # what the run before wrote is not this one's to wait for
        result = measure.run(contender.command(raw, output), output, folder / "log", folder, self.memory, self.seconds)
        shutil.rmtree(output, ignore_errors=True)
        return result


def generate(bench: Bench, binary: Path, rows: int) -> tuple[Path, Measurement | None]:
    """The raw location of a day of so many rows; what making it cost, unless an earlier call made it."""
    raw = BENCH / "data" / f"rows-{rows}"
    if any((raw / DAY_FOLDER).glob("*.parquet")):
        return raw, None
    report.say(f"generating a day of {rows:,} rows")
    command = [str(binary), "generate", "--rows", str(rows), "--days", DAY, "--seed", "1", "--output", str(raw)]
    made = measure.run(command, raw, bench.work / "generate", bench.work, bench.memory, bench.seconds)
    if made.error:
        sys.exit(f"bench: cannot generate the day: {made.error}")
    return raw, made


def median(runs: list[Measurement]) -> Measurement:
    """Of each figure on its own. A contender with one failed run has failed."""
    failed = next((run for run in runs if run.error), None)
    if failed:
        return failed
    middle = Measurement(
        wall=statistics.median(run.wall for run in runs),
        cpu=statistics.median(run.cpu for run in runs),
        rss=int(statistics.median(run.rss for run in runs)),
        output=int(statistics.median(run.output for run in runs)),
        rows=runs[0].rows,
        facts=runs[-1].facts,
    )
    if len({run.rows for run in runs}) > 1:
        middle.error = f"rows differ from run to run: {[run.rows for run in runs]}"
    return middle


def measure_all(bench: Bench, chosen: list[Contender], raw: Path, rounds: int) -> dict[str, list[Measurement]]:
    runs: dict[str, list[Measurement]] = {contender.name: [] for contender in chosen}
    for contender in chosen:  # caches warm, jars fetched, and what cannot run at all is known early
        report.say(f"warming up: {contender.title}")
        warm = bench.run(contender, SAMPLE)
        if warm.error:
            runs[contender.name].append(warm)
            report.say(f"  {warm.error}")
    for file in (raw / DAY_FOLDER).glob("*.parquet"):
        file.read_bytes()
    for number in range(rounds):
        for contender in chosen:
            done = runs[contender.name]
            if (contender.heavy and done) or (done and done[-1].error):
                continue
            done.append(bench.run(contender, raw))
            report.say(f"round {number + 1}/{rounds}  {contender.title}: {report.short(done[-1])}")
    return runs


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000, help="rows of the day (default: %(default)s)")
    parser.add_argument("--binary", type=Path, required=True, help="movies-etl to measure")
    parser.add_argument("--peers", choices=["default", "all"], default="default", help="all adds PySpark + Delta, and movies-etl on Spark")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of the contenders only these, and `ours`")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each light contender (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds that one run may take")
    parser.add_argument("--memory-cap", type=float, default=0.8, help="share of the free memory that one run may take")
    parser.add_argument("--work", type=Path, default=BENCH / "data", help="where the folder for outputs is made (default: beside the data)")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    binary = arguments.binary.resolve()
    if not os.access(binary, os.X_OK):
        sys.exit(f"bench: {binary} is not a program; build it first (make build)")
    with Bench.in_new_folder(arguments.work, arguments.memory_cap, arguments.timeout) as bench:
        raw, generated = generate(bench, binary, arguments.rows)
        chosen = contenders(binary, arguments.peers)
        if arguments.only:
            chosen = [contender for contender in chosen if contender.name in {"ours", *arguments.only}]
        runs = measure_all(bench, chosen, raw, arguments.rounds)
        ours = next(contender for contender in chosen if contender.name == "ours")
        runs["sample_day"] = [bench.run(ours, SAMPLE) for _ in range(SAMPLE_ROUNDS)]
        packages = ["duckdb", "polars", "deltalake"] + (["pyspark", "delta-spark"] if arguments.peers == "all" else [])
        result = report.Result(
            machine=machine.describe(binary, packages),
            rows=arguments.rows,
            rounds=arguments.rounds,
            raw_bytes=measure.parquet_bytes(raw / DAY_FOLDER),
            titles={contender.name: contender.title for contender in chosen},
            medians={name: median(measured) for name, measured in runs.items()},
            generated=generated,
        )
    files = report.write(
        result, {name: [asdict(run) for run in all_] for name, all_ in runs.items()}, BENCH / "results"
    )
    print(report.markdown(result))
    report.say(f"written: {', '.join(str(file) for file in files)}")
    return 1 if result.medians["ours"].error else 0


if __name__ == "__main__":
    sys.exit(main())
