"""Spark with Delta finds our table by its name, and we find the one that it registered."""

import json
import subprocess
from pathlib import Path

import pytest
import spark_with_delta
from s3 import gateway
from s3.conftest import S3Workspace

from . import metastore
from .conftest import Hive
from .test_hive import COLUMNS, day

pytestmark = pytest.mark.skipif(
    spark_with_delta.missing() is not None, reason=f"LOUD: {spark_with_delta.missing()}; tables by name were not tested"
)


def lacking() -> str | None:
    if not gateway.BINARY.exists():
        return f"there is no S3 server at {gateway.BINARY}: run scripts/setup.sh s3"
    if not (gateway.HADOOP_JARS / "complete").exists():
        return f"there is no hadoop-aws at {gateway.HADOOP_JARS}: run scripts/setup.sh hadoop"
    return None


def each_others(hive, place: str, **conf: str) -> None:
    """We write a day, Spark reads it by name and makes a table of it, we write a day into that by name, and Spark reads both."""
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
        "delta": [str(jar) for jar in (spark_with_delta.JARS / "delta").glob("*.jar")],
        "uri": hive.server.uri,
        "folder": str(hive.workspace.config.parent),
        "database": hive.database,
        "place": place,
        "run": hive.workspace.command("--set", f"data.curated.table={hive.database}.theirs", day="2021-01-02"),
        "conf": conf,
    }
    done = subprocess.run(
        [spark_with_delta.PYTHON, Path(__file__).with_name("spark_by_name.py"), json.dumps(job)],
        capture_output=True, text=True, timeout=400, cwd=hive.workspace.config.parent,
        env={**hive.workspace.environment(), "SPARK_LOCAL_IP": "127.0.0.1"}, preexec_fn=metastore.bound_to_parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))[7:])
    assert seen["count"] == 3
    assert seen["columns"] == {**COLUMNS, "is_cheap": "boolean"}
    assert seen["tables"] == ["movie_ratings"]
    assert seen["days"] == [["2021-01-01", 3], ["2021-01-02", 3]] and seen["after"] == 6


def test_spark_and_we_write_and_read_each_others_tables_by_name(hive):
    each_others(hive, f"{hive.workspace.root}/their place")


@pytest.mark.skipif(lacking() is not None, reason=f"LOUD: {lacking()}; tables on S3 by name were not tested")
def test_the_same_on_s3(tmp_path):
    store = gateway.Gateway(tmp_path / "s3")
    server = metastore.Metastore(tmp_path / "metastore", gateway.HADOOP_JARS / "metastore", **store.hadoop())
    (tmp_path / "scratch").mkdir()
    try:
        hive = Hive(S3Workspace(store, "lake", tmp_path / "scratch"), server.start())
        conf = {f"spark.hadoop.{key}": value for key, value in store.hadoop().items()}
        each_others(hive, "s3a://lake/their place", **{"spark.driver.extraClassPath": f"{gateway.HADOOP_JARS}/spark/*"}, **conf)
        assert hive.registered().sd.location == "s3a://lake/warehouse/curated_staging.db/movie_ratings"
    finally:
        server.stop()
        store.stop()
