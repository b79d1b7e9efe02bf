"""Measures a merge into a table of many rows against delta-rs and Spark with Delta: 1 % of the rows updated, 0.2 % new, over all partitions.

Each contender gets a copy of the same table and the same raw file; the rows that they leave are compared."""

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
import machine
import measure
from deltalake import DeltaTable

HERE = Path(__file__).resolve().parent
DAYS = 30
COLUMNS = {"order_id": "bigint", "order_date": "date", "customer": "string", "status": "string", "amount": "double", "updated_at": "bigint"}
SELECT = "i AS order_id, DATE '2021-01-01' + (i % {days})::INT AS order_date, 'customer ' || (i * 7919 % 100003) AS customer, {status} AS status, (i * 31 % 100000) / 100.0 AS amount, {at}::BIGINT AS updated_at"


class Lake:
    """A pipeline that merges orders, and its raw files."""

    def __init__(self, root: Path, rows: int):
        self.root = root
        folder = root / "pipelines/orders"
        folder.mkdir(parents=True)
        target = {"columns": COLUMNS, "partition": {"order_date": "date"}, "mode": "merge", "key": ["order_id"], "order": ["updated_at"]}
        source = {"path": "{yyyy}/{MM}/{dd}", "columns": COLUMNS}
        definition = {"source": source, "transform": "transform.sql", "target": target, "checks": "checks.yaml"}
        (folder / "pipeline.yaml").write_text(json.dumps(definition))
        (folder / "transform.sql").write_text("SELECT * FROM source")
        (folder / "checks.yaml").write_text("checks for ${table}:\n  - row_count > 0\n")
        data = {"raw": {"location": str(root / "raw")}, "curated": {"table": "default.orders", "location": str(root / "lake")}}
        self.config = root / "app_config.yaml"
        self.config.write_text(json.dumps({"development": {"data": data, "pipelines": {"location": str(root / "pipelines")}}}))
        self.table = root / "lake/orders"
        self.land("2021/01/01", f"range({rows})", "'new'", 1)
        updates, inserts = rows // 100, rows // 500
        self.day = self.land("2021/01/02", f"(SELECT range * 100 + range % 97 FROM range({updates}) UNION ALL SELECT range + {rows} FROM range({inserts}))", "'paid'", 2)

    def land(self, day: str, numbers: str, status: str, at: int) -> Path:
        path = self.root / "raw" / day / "part-0.parquet"
        path.parent.mkdir(parents=True)
        duckdb.execute(f"COPY (SELECT {SELECT.format(days=DAYS, status=status, at=at)} FROM {numbers} t(i)) TO '{path}'")
        return path

    def command(self, binary: Path, day: str) -> list[str]:
        return [str(binary), "run", "--pipeline", "orders", "--execution-date", day, "--config-file-path", str(self.config), "--output", "json"]


def rows_of(table: Path) -> tuple:
    rows = DeltaTable(str(table)).to_pyarrow_dataset()  # noqa: F841, read by the query
    return duckdb.sql(f"SELECT count(*), sum(hash({', '.join(COLUMNS)})::HUGEINT)::VARCHAR FROM rows").fetchone()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--binary", type=Path, default=machine.REPOSITORY / "build/release/movies-etl")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--spark-python", help="a Python with PySpark; without one Spark is left out")
    parser.add_argument("--delta-jars", type=Path, help="a folder of Delta's jars for it")
    options = parser.parse_args()
    binary = options.binary.resolve()
    facts = machine.describe(binary, ["deltalake"])
    print(", ".join(f"{name} {value}" for name, value in facts.items()) + f", load {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory(dir=machine.REPOSITORY / "build") as folder:
        work = Path(folder)
        lake = Lake(work / "lake", options.rows)
        made = measure.run(lake.command(binary, "2021-01-01"), work / "none", work / "log", work, 8 << 30, 600)
        if made.error:
            sys.exit(f"bench: {made.error}")
        kept = work / "kept"
        lake.table.rename(kept)
        contenders = {"movies-etl, checks included": lake.command(binary, "2021-01-02"), "delta-rs merge": [sys.executable, str(HERE / "peers/deltalake_merge.py"), str(lake.day), str(lake.table)]}
        if options.spark_python:
            jars = ",".join(str(jar) for jar in sorted(options.delta_jars.glob("*.jar")))
            contenders["PySpark + Delta MERGE"] = [options.spark_python, str(HERE / "peers/spark_merge.py"), str(lake.day), str(lake.table), jars]
        done, seen = {name: [] for name in contenders}, {}
        for _ in range(options.rounds):
            for name, command in contenders.items():
                shutil.copytree(kept, lake.table)
                os.sync()
                one = measure.run(command, work / "none", work / "log", work, 12 << 30, 900)
                if one.error:
                    sys.exit(f"bench: {name}: {one.error}")
                seen[name] = rows_of(lake.table)
                done[name].append(one)
                shutil.rmtree(lake.table)
        print(f"\n{options.rows:,} rows in {DAYS} partitions, medians of {options.rounds}\n\n| | wall s | CPU s | peak RSS MB |\n|---|---:|---:|---:|")
        for name, rounds in done.items():
            one = sorted(rounds, key=lambda each: each.cpu)[(len(rounds) - 1) // 2]
            print(f"| {name} | {one.wall:.2f} | {one.cpu:.2f} | {one.rss / 1e6:,.0f} |")
        if len(set(seen.values())) != 1:
            sys.exit(f"bench: the tables differ: {seen}")
        print(f"\nthe same {next(iter(seen.values()))[0]:,} rows in all; load at the end {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
