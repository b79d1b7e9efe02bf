"""What a run gave, in a form that is the same on every engine: exit code, checks, and the table's rows as hashes."""

import json
import math
from pathlib import Path

import duckdb
from deltalake import DeltaTable


def on(url: str, *more: str) -> list[str]:
    """Flags that send a run or its checks to a server."""
    return ["--engine", "spark", "--spark-remote", url, *more]


def fingerprint(table: Path) -> dict:
    """Rows; of every column its type, values that are not NULL and a hash that does not depend on the order; and one of whole rows."""
    delta = DeltaTable(str(table))
    rows = delta.to_pyarrow_table()  # noqa: F841, read by the query
    columns = {field["name"]: json.dumps(field["type"]) for field in json.loads(delta.schema().to_json())["fields"]}
    names = [f'"{name}"' for name in columns]
    hashes = ", ".join(f"count({name}), sum(hash({name}))::VARCHAR" for name in names)
    count, whole, *rest = duckdb.sql(f"SELECT count(*), sum(hash({', '.join(names)}))::VARCHAR, {hashes} FROM rows").fetchone()
    of_columns = {name: (kind, rest[2 * i], rest[2 * i + 1]) for i, (name, kind) in enumerate(columns.items())}
    return {"rows": count, "whole": whole, "columns": of_columns}


def outcome(workspace, name: str, *flags: str, day: str = "2021-01-01") -> dict:
    """A run into a warehouse of its own, so that several engines run on one raw day. The database is not `default`, which is a
    keyword to DuckDB: SQL of a check could not name the table."""
    workspace.warehouse = workspace.root / name
    workspace.table = workspace.warehouse / "marts.db/ratings"
    places = ("--set", f"data.curated.location={name}", "--set", "data.curated.table=marts.ratings")
    done = workspace.run("--output", "json", *places, *flags, day=day)
    assert done.out, done.err
    report = done.json["runs"][0]
    assert workspace.leftovers() == [], "files that no version of the table names"
    return {
        "code": done.code,
        "status": report["status"],
        "read": report["source"]["rows"],
        "staged": report["staged"]["rows"],
        "dropped": report["dropped_by_transform"],
        "duplicates": report["duplicates_dropped"],
        "checks": [check_of(check) for check in report.get("checks", {}).get("checks", [])],
        "table": fingerprint(workspace.table) if (workspace.table / "_delta_log").is_dir() else None,
        "error": report.get("error", {}).get("message", ""),
        "samples": samples(report),
    }


def samples(report: dict) -> list[int]:
    """How many failing rows each check kept; which of them is the engine's choice."""
    return [duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchone()[0] for file in report.get("samples", [])]


def check_of(check: dict) -> tuple:
    value = None if check["name"].startswith("freshness") else check["value"]  # an age, which grows from run to run
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53  # a double to one engine, a bigint to the other
    if isinstance(value, float) and math.isfinite(value) and not is_whole:
        value = float(f"{value:.9g}")  # sums of floating point numbers depend on their order
    return check["name"], check["outcome"], value
