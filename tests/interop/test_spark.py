"""Spark with Delta reads a table of ours: types, rows, skipping by statistics, encodings."""

import pytest
import spark_with_delta
from test_readers import MANY

READER = """
table = spark.read.format("delta").load(sys.argv[2])
result = {
    "types": [f"{f.name}:{f.dataType.simpleString()}" for f in table.schema.fields],
    "comment": table.schema["movie_id"].metadata.get("comment"),
    "rows": [list(r) for r in table.selectExpr("count(*)", "sum(movie_id)", "max(length(original_title))", "sum(size(genres))").collect()],
    "skipped": table.where("run_date = '2021-01-01' AND user_id > 19990").count(),
    "means": [r[0] for r in spark.read.format("delta").load(sys.argv[3]).selectExpr("round(sum(mean), 3)").collect()],
}
"""


@pytest.mark.spark
def test_spark_reads_the_tables(workspace):
    if lacking := spark_with_delta.missing():
        pytest.skip(f"LOUD: {lacking}; reading by Spark was not tested")
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
    result = spark_with_delta.read(workspace.root, READER, workspace.table, means)
    assert "genres:array<struct<id:bigint,name:string>>" in result["types"] and "run_date:string" in result["types"]
    assert result["comment"] == "Movie that was rated"
    assert result["rows"] == [[20000, sum(i * 7919 % 1000 for i in range(20000)), 45, 16000]]
    assert result["skipped"] == 9
    assert result["means"] == [pytest.approx(sum(i**0.5 for i in range(20000)), abs=0.01)]
