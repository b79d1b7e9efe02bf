"""The pipelines of examples/ on Spark: the same tables as DuckDB's."""

from example_days import TABLES, run_examples
from outcome import fingerprint, on


def test_equal_tables(workspace, server, left_alone):
    by_duckdb = run_examples(workspace, workspace.root / "by-duckdb")
    by_spark = run_examples(workspace, workspace.root / "by-spark", on(server.url))
    for table in TABLES:
        assert fingerprint(by_spark[table]) == fingerprint(by_duckdb[table]), table
