"""Spark with Delta finds our table by its name, and we find the one that it registered."""

import json
import os
import subprocess
from pathlib import Path

import metastore
import pytest
from test_hive import COLUMNS, day

VENV = Path(os.environ.get("SPARK_VENV", metastore.CACHE / "venv-spark"))


@pytest.mark.skipif(not (VENV / "bin/python").exists(), reason=f"LOUD: no Spark at {VENV}: run scripts/setup.sh spark-server; this was not tested")
def test_spark_and_we_write_and_read_each_others_tables_by_name(hive):
    hive.call_database("curated_staging")
    day(hive, "2021-01-01")
    hive.workspace.published()
    hive.workspace.own_pipelines()
    hive.use(hive.server.uri)
    hive.workspace.edit("pipeline.yaml", "    run_date:", "    is_cheap: boolean\n    run_date:")
    hive.workspace.edit("transform.sql", "SELECT", "SELECT budget < 2000 AS is_cheap,")
    hive.workspace.published("--evolve")
    day(hive, "2021-01-02")
    job = {
        "jars": str(metastore.JARS),
        "delta": [str(jar) for jar in (metastore.JARS / "delta").glob("*.jar")],
        "uri": hive.server.uri,
        "folder": str(hive.workspace.root),
        "database": hive.database,
        "run": hive.workspace.command("--set", f"data.curated.table={hive.database}.theirs", day="2021-01-02"),
    }
    done = subprocess.run(
        [VENV / "bin/python", Path(__file__).with_name("spark_by_name.py"), json.dumps(job)],
        capture_output=True, text=True, timeout=400, cwd=hive.workspace.root,
        env={**hive.workspace.environment(), "SPARK_LOCAL_IP": "127.0.0.1"}, preexec_fn=metastore.bound_to_parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))[7:])
    assert seen["count"] == 3
    assert seen["columns"] == {**COLUMNS, "is_cheap": "boolean"}
    assert seen["tables"] == ["movie_ratings"]
    assert seen["days"] == [["2021-01-01", 3], ["2021-01-02", 3]] and seen["after"] == 6
