"""Spark with Delta reads a table of ours: types, rows, skipping by statistics, encodings. Needs the Spark of `make bench PEERS=all`."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("MOVIES_ETL_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "movies-etl"))
PYTHON = CACHE / "venv-bench-all/bin/python"

READER = """
import json, sys
sys.path.insert(0, sys.argv[2])
from pyspark_job import session
spark = session()
table = spark.read.format("delta").load(sys.argv[1])
print("RESULT", json.dumps({
    "types": [f"{f.name}:{f.dataType.simpleString()}" for f in table.schema.fields],
    "comment": table.schema["movie_id"].metadata.get("comment"),
    "rows": [list(r) for r in table.selectExpr("count(*)", "sum(movie_id)", "max(length(original_title))", "sum(size(genres))").collect()],
    "skipped": table.where("run_date = '2021-01-01' AND user_id > 19990").count(),
    "means": [r[0] for r in spark.read.format("delta").load(sys.argv[3]).selectExpr("round(sum(mean), 3)").collect()],
}))
"""


def test_spark_reads_the_tables(workspace):
    if not PYTHON.exists() or not shutil.which("java"):
        pytest.skip(f"LOUD: no Spark at {PYTHON} or no java: run `make bench PEERS=all ROWS=100000` once; reading by Spark was not tested")
    from test_readers import MANY

    workspace.write_sql(MANY)
    workspace.published()
    # A second table whose double column would be encoded as Spark cannot read it, had the writer not noticed.
    workspace.add_pipeline(
        "means",
        source="{user_id: bigint}",
        target="{user_id: bigint, mean: double, day: string}",
        select="SELECT user_id, sqrt(user_id) AS mean FROM source",
        checks="row_count > 0",
    )
    means = workspace.published("--pipeline", "means", "--set", "data.curated.table=default.means")["location"]
    script = workspace.root / "reader.py"
    script.write_text(READER)
    done = subprocess.run(
        [PYTHON, script, workspace.table, Path(__file__).parents[2] / "bench/peers", means], capture_output=True, text=True, timeout=300,
        env={**os.environ, "BENCH_SPARK_MEMORY": "1g"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))[7:])
    assert "genres:array<struct<id:bigint,name:string>>" in result["types"] and "run_date:string" in result["types"]
    assert result["comment"] == "Movie that was rated"
    assert result["rows"] == [[20000, sum(i * 7919 % 1000 for i in range(20000)), 45, 16000]]
    assert result["skipped"] == 9
    assert result["means"] == [pytest.approx(sum(i**0.5 for i in range(20000)), abs=0.01)]
