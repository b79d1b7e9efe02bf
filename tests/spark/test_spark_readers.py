"""A table written through Spark is everyone's: deltalake, DuckDB and Spark with Delta read the same rows, and statistics are right."""

import sys

import days
import duckdb
import pytest
import spark_with_delta
from deltalake import DeltaTable
from outcome import on
from servers import ROOT

sys.path.insert(0, str(ROOT / "tests/interop"))
from test_readers import MANY, check_statistics  # noqa: E402

READER = """
table = spark.read.format("delta").load(sys.argv[2])
result = {
    "types": {f.name: f.dataType.simpleString() for f in table.schema.fields},
    "rows": list(table.selectExpr("count(*)", "sum(movie_id)", "sum(user_id)", "max(length(original_title))", "sum(size(genres))").first()),
    "found": table.where("run_date = '2021-01-01' AND user_id > 19990").count(),
}
"""


def test_others_read_what_spark_wrote(workspace, server, left_alone):
    if lacking := spark_with_delta.missing():
        pytest.skip(f"LOUD: {lacking}; reading by Spark with Delta was not tested")
    workspace.write_sql(MANY)
    days.write_seeded_day(workspace, 11, day="2021-01-02")
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "gate: before_publish", "gate: after_publish")
    workspace.published(*on(server.url))
    assert workspace.run(*on(server.url), day="2021-01-02").code == 2, "its checks fail, after publishing"
    assert check_statistics(workspace.table) == 9  # all columns of one file; in the other a rating is NaN, which leaves it none

    totals = "count(*), sum(movie_id), sum(user_id), max(length(original_title)), sum(len(genres))"
    first = (20000, sum(i * 7919 % 1000 for i in range(20000)), sum(range(20000)), 45, 16000)
    assert workspace.rows(totals, "run_date = '2021-01-01'", "1") == [first]
    files = workspace.live_files("2021-01-01")
    assert duckdb.sql(f"SELECT {totals} FROM read_parquet({files})").fetchall() == [first]
    ((rows, *sums),) = workspace.rows(totals, order="1")

    seen = spark_with_delta.read(workspace.root, READER, workspace.table)
    assert seen["types"]["genres"] == "array<struct<id:bigint,name:string>>" and seen["types"]["run_date"] == "string"
    assert seen["rows"] == [rows, *map(int, sums)]
    assert seen["found"] == 9
    assert DeltaTable(str(workspace.table)).version() == 2
