"""Every Delta table below some folders, as `movies-etl check` reads it and as other readers do: deltalake, or Spark with Delta where that cannot.

For the Delta project's own tables: connectors/golden-tables and spark/src/test/resources of delta-io/delta, kernel/tests of
delta-io/delta-kernel-rs (its golden_data unpacked). They are not copied here; clone those repositories and name their folders.
usage: compare.py FOLDER...   (exit 1: some table is read differently)"""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, QueryBuilder

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import spark_with_delta  # noqa: E402, lies one folder above

BINARY = Path(os.environ.get("MOVIES_ETL_BINARY", ROOT / "build/release/movies-etl"))
SECONDS = 300  # of one check

# The same facts of each column as facts() has of deltalake.
SPARK = """
from pyspark.sql import functions as F
from pyspark.sql.types import ByteType, ShortType, IntegerType, LongType
result = {}
for path in json.load(open(sys.argv[2])):
    try:
        table = spark.read.format("delta").load(path)
        asked = [F.count(F.lit(1))]
        said = ["row_count"]
        for field in table.schema.fields:
            column = F.col("`" + field.name + "`")
            asked.append(F.count_if(column.isNull()))
            said.append(f'missing_count("{field.name}")')
            if isinstance(field.dataType, (ByteType, ShortType, IntegerType, LongType)):
                asked += [F.min(column), F.max(column)]
                said += [f'min("{field.name}")', f'max("{field.name}")']
        values = table.select(*[one.alias(f"c{n}") for n, one in enumerate(asked)]).first()
        result[path] = [f"{what} = {value}" for what, value in zip(said, values) if value is not None]
    except Exception as error:
        result[path] = str(error)
"""


def facts(path: str) -> list[str] | str:
    """What deltalake finds in the table, as checks; or why it cannot read it."""
    try:
        rows = pa.table(QueryBuilder().register("t", DeltaTable(path)).execute("SELECT * FROM t").read_all())
    except BaseException as error:  # noqa: BLE001, a reader may panic
        return str(error)
    found = [f"row_count = {rows.num_rows}"]
    for field in rows.schema:
        column = rows[field.name]
        found.append(f'missing_count("{field.name}") = {column.null_count}')
        if pa.types.is_signed_integer(field.type) and column.null_count < rows.num_rows:
            ends = pc.min_max(column).as_py()
            found += [f'min("{field.name}") = {ends["min"]}', f'max("{field.name}") = {ends["max"]}']
    return found


def checked(path: str, checks: list[str]) -> tuple[int, str]:
    """Exit code and the first lines that say why."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "checks.yml"
        file.write_text("checks for t:\n" + "".join(f"  - {check}\n" for check in checks))
        done = subprocess.run([BINARY, "check", "--dataset", f"t={path}", file], capture_output=True, text=True, cwd=folder, timeout=SECONDS)
    told = [line.strip() for line in (done.stdout + done.stderr).splitlines() if re.search("fail|error|hint|not evaluated", line, re.IGNORECASE)]
    return done.returncode, " / ".join(told[:4])


def main(folders: list[str]) -> int:
    paths = sorted({str(log.parent) for folder in folders for log in Path(folder).resolve().rglob("_delta_log")})
    found = {path: facts(path) for path in paths}
    unread = [path for path in paths if isinstance(found[path], str)]
    if lacking := spark_with_delta.missing():
        print(f"LOUD: {lacking}; what deltalake cannot read is compared with nothing")
    elif unread:
        with tempfile.TemporaryDirectory() as folder:
            jobs = Path(folder) / "paths.json"
            jobs.write_text(json.dumps(unread))
            found |= spark_with_delta.read(Path(folder), SPARK, jobs, seconds=3600)
    counts = collections.Counter()
    for path in paths:
        theirs = found[path]
        code, why = checked(path, theirs if isinstance(theirs, list) else ["row_count >= 0"])
        if isinstance(theirs, list):
            kind = {0: "the same", 2: "DIFFERENT"}.get(code, "refused here only")
        else:
            kind = "read here only" if code == 0 else "refused by all"
        counts[kind] += 1
        if kind != "the same":
            print(f"{kind}: {path}\n    here: {code} {why}" + (f"\n    others: {theirs[:200]!r}" if isinstance(theirs, str) else ""))
    print(f"{len(paths)} tables: " + ", ".join(f"{count} {kind}" for kind, count in counts.most_common()))
    return 1 if counts["DIFFERENT"] or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
