"""Measures what a table of many days or many versions costs: checks of one day and of all, and a run of 200 rows on a long log.

The tables are made of one published day: each further one is a link to its data file and an entry of the log."""

import argparse
import itertools
import json
import os
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
import machine
import measure
from deltalake import DeltaTable

DAY = date(2021, 1, 1)
ROWS = 200
CHECKS = "  - row_count = {rows}\n  - duplicate_count(movie_id, user_id) = 0\n"
ONE_DAY = f"filter t [day]:\n  where: run_date = '1900-01-05'\nchecks for t [day]:\n{CHECKS}"
ALL_DAYS = "checks for t:\n  - row_count = {rows}\n  - missing_count(movie_id) = 0\n"


class Bench:
    def __init__(self, binary: Path, work: Path, rounds: int):
        self.binary, self.work, self.rounds = binary, work, rounds

    def once(self, name: str, command: list) -> measure.Measurement:
        os.sync()
        done = measure.run([str(self.binary), *map(str, command)], self.work / "none", self.work / "log", self.work, 8 << 30, 600)
        if done.error:
            sys.exit(f"bench: {name}: {done.error}")
        return done

    def measured(self, name: str, command) -> measure.Measurement:
        """The median, by CPU seconds, of what each round is given to run."""
        done = sorted((self.once(name, command()) for _ in range(self.rounds)), key=lambda one: one.cpu)
        return done[(len(done) - 1) // 2]

    def lake(self, name: str) -> tuple[Path, list]:
        """The table and the command that runs 2021-01-01 into it."""
        root = self.work / name
        raw = root / "raw/2021/01/01"
        raw.mkdir(parents=True)
        duckdb.execute(
            f"COPY (SELECT i AS movie_id, i AS user_id, 4::FLOAT AS rating, i AS timestamp, 'T' AS original_title, 'en' AS original_language, "
            f"i AS budget, false AS adult, [{{'id': 1::BIGINT, 'name': 'Drama'}}] AS genres FROM range({ROWS}) t(i)) TO '{raw}/part-0.parquet'"
        )
        lake = {"raw": {"location": str(root / "raw")}, "curated": {"table": "default.t", "location": str(root / "lake")}}
        settings = {"data": lake, "pipelines": {"location": str(machine.REPOSITORY / "pipelines")}}
        config = root / "app_config.yaml"
        config.write_text(json.dumps({"development": settings}))
        return root / "lake/t", ["run", "--execution-date", DAY, "--config-file-path", config, "--output", "json"]

    def table(self, name: str, days: int, versions: int) -> tuple[Path, list]:
        """A table of that many further days, in that many further versions."""
        table, run = self.lake(name)
        self.once(name, run)
        log = table / "_delta_log"
        entries = [json.loads(line) for line in (log / f"{1:020}.json").read_text().splitlines()]
        (add,) = [entry["add"] for entry in entries if "add" in entry]
        info = json.dumps({"commitInfo": {"timestamp": 1609459200000, "operation": "WRITE"}})
        lines = []
        for number in range(days):
            value = str(date(1900, 1, 1) + timedelta(days=number))
            path = table / f"run_date={value}/part.parquet"
            path.parent.mkdir()
            os.link(table / add["path"], path)
            lines.append(json.dumps({"add": {**add, "path": str(path.relative_to(table)), "partitionValues": {"run_date": value}}}))
        each = -(-days // versions)
        for version in range(versions):
            text = "\n".join([info, *lines[version * each : (version + 1) * each]])
            (log / f"{version + 2:020}.json").write_text(text + "\n")
        return table, run


def row(what: str, one: measure.Measurement) -> None:
    print(f"| {what} | {one.wall:.2f} | {one.cpu:.2f} | {one.rss / 1e6:,.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--binary", type=Path, default=machine.REPOSITORY / "build/release/movies-etl")
    parser.add_argument("--days", type=int, nargs="+", default=[10_000, 25_000])
    parser.add_argument("--versions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    binary = options.binary.resolve()
    facts = machine.describe(binary, ["deltalake"])
    print(", ".join(f"{name} {value}" for name, value in facts.items()) + f", load {os.getloadavg()[0]:.2f}")
    print("\n| | wall s | CPU s | peak RSS MB |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory(dir=machine.REPOSITORY / "build") as folder:
        bench = Bench(binary, Path(folder), options.rounds)
        for days in options.days:
            table, _ = bench.table(f"days-{days}", days, 1)
            for what, text, rows in (("one day", ONE_DAY, ROWS), ("all", ALL_DAYS, ROWS * (days + 1))):
                file = bench.work / "checks.yml"
                file.write_text(text.format(rows=rows))
                command = ["check", "--dataset", f"t={table}", file]
                row(f"check of {what} of {days:,} days", bench.measured(what, lambda command=command: command))
        for checkpoint in (False, True):
            numbers = itertools.count()

            def prepared(checkpoint=checkpoint, numbers=numbers) -> list:
                """A run leaves a checkpoint behind, so each round has a table of its own."""
                table, run = bench.table(f"long-{checkpoint}-{next(numbers)}", options.versions, options.versions)
                if checkpoint:
                    DeltaTable(str(table)).create_checkpoint()
                return run

            name = f"run of {ROWS} rows after {options.versions:,} versions, {'with' if checkpoint else 'without'} a checkpoint"
            row(name, bench.measured(name, prepared))
    print(f"\nload at the end {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
