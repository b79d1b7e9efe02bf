"""The engine on a Spark Connect server that reaches the same S3: the same table as the embedded engine makes."""

import shutil
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from interop.test_parallel_runs import DAY

from . import gateway
from .test_refusals import clean

sys.path.append(str(ROOT / "tests/spark"))
import servers  # noqa: E402


def lacking() -> str | None:
    if not (gateway.HADOOP_JARS / "complete").exists():
        return f"there is no hadoop-aws at {gateway.HADOOP_JARS}: run scripts/setup.sh hadoop"
    return servers.missing() or servers.without_engine()


pytestmark = pytest.mark.skipif(lacking() is not None, reason=f"LOUD: {lacking()}; Spark on S3 was not tested")


@pytest.fixture(scope="module")
def spark(store, tmp_path_factory):
    server = servers.ConnectServer(
        tmp_path_factory.mktemp("spark") / "server",
        f"spark.driver.extraClassPath={gateway.HADOOP_JARS}/spark/*",
        *(f"spark.hadoop.{key}={value}" for key, value in store.hadoop().items()),
        "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    )
    try:
        yield server.start()
    finally:
        server.stop()


def on(spark) -> tuple[str, ...]:
    return "--engine", "spark", "--spark-remote", spark.url


def test_the_same_table_as_embedded(workspace, spark):
    day = "2021-01-01"
    workspace.day_folder(day).mkdir(parents=True)
    for file in (ROOT / "data-lake-raw-dev/movie_ratings" / day.replace("-", "/")).iterdir():
        workspace.arrived(Path(shutil.copy(file, workspace.day_folder(day))))
    embedded = workspace.published(day=day)
    rows = workspace.rows()
    distributed = workspace.published(*on(spark), day=day)
    assert embedded["engine"].startswith("DuckDB ") and distributed["engine"].startswith("Spark 4")
    assert distributed["duplicates_dropped"] == embedded["duplicates_dropped"] == 250
    assert workspace.rows() == rows and len(rows) == 4750
    assert workspace.leftovers() == []


def test_what_fails_its_checks_leaves_the_old_day(workspace, spark):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published(*on(spark))
    workspace.write_day([{"movie_id": 1, "user_id": 1, "rating": 7.5}])
    done = workspace.run("--output", "json", *on(spark))
    assert done.code == 2, done.err
    assert workspace.rows("rating") == [(4.0,)]
    assert workspace.leftovers() == []


def test_what_a_killed_run_left_is_removed(workspace, spark):
    """The server writes on after the run is dead; what it wrote is found once it is done."""
    workspace.write_sql(DAY.format(tag=0, rows=1000))
    workspace.published(*on(spark))
    (published,) = workspace.table.glob("run_date=*/part-*")
    workspace.write_sql(DAY.format(tag=1, rows=300_000))
    process = workspace.start(*on(spark))
    (staged,) = servers.wait_for("the server to write", lambda: set(workspace.table.glob("run_date=*/part-*")) - {published}, 120, 0.01)
    process.kill()
    process.communicate(timeout=30)
    servers.wait_for("the server to be done", lambda: (staged / "_SUCCESS").exists(), 120)
    assert workspace.leftovers() != []
    done = clean(workspace)
    assert done.code == 0 and "1 dead runs cleaned up" in done.out, done.err
    assert workspace.leftovers() == []
    assert workspace.rows("count(*), min(user_id), max(user_id)") == [(1000, 0, 0)]
