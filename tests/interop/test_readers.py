"""Every table is readable by others, and its per-file statistics are those of the rows."""

import json
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pyarrow.parquet as parquet

MANY = (
    "SELECT (i * 7919 % 1000)::BIGINT AS movie_id, i::BIGINT AS user_id, CASE WHEN i % 10 = 0 THEN NULL ELSE (i % 11) / 2 END::FLOAT AS rating, "
    "i::BIGINT AS timestamp, repeat('é', 40) || i AS original_title, 'en' AS original_language, (i % 7)::BIGINT AS budget, i % 3 = 0 AS adult, "
    "CASE WHEN i % 5 = 0 THEN NULL ELSE [{'id': i, 'name': 'g'}] END AS genres FROM range(20000) t(i)"
)


def adds(table: Path):
    """The add actions of a log without checkpoints, minus what was removed."""
    live = {}
    for entry in sorted((table / "_delta_log").glob("*.json")):
        for line in entry.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                live[action["add"]["path"]] = action["add"]
            if "remove" in action:
                live.pop(action["remove"]["path"], None)
    return live.values()


def exact(value):
    """As the statistics are parsed: all numbers but whole ones to the last digit."""
    return value if isinstance(value, (bool, int)) else Decimal(repr(value))


def check_statistics(table: Path) -> int:
    """Recomputes the statistics of every live file; how many bounds were compared."""
    compared = 0
    for add in adds(table):
        stats = json.loads(add["stats"], parse_float=Decimal)
        path = table / unquote(add["path"])
        rows = parquet.read_table(path, partitioning=None)
        assert stats["numRecords"] == rows.num_rows
        assert add["size"] == path.stat().st_size
        for name, count in stats["nullCount"].items():
            assert rows[name].null_count == count, name
        for name in stats["minValues"] or {}:
            values = [v for v in rows[name].to_pylist() if v is not None]
            low, high = stats["minValues"][name], stats["maxValues"].get(name)
            assert low <= min(values), name
            if isinstance(low, str):
                assert len(low) <= 32 and min(values).startswith(low)
                assert high is None or (max(values) <= high and len(high) <= 33)
            else:
                assert (low, high) == (exact(min(values)), exact(max(values))), name
            compared += 1
    return compared


def test_statistics_are_those_of_the_rows(workspace):
    workspace.write_sql(MANY)
    workspace.published()
    assert check_statistics(workspace.table) == 9  # all columns but the list and the partition


def test_deltalake_and_duckdb_read_the_same_rows(workspace):
    workspace.write_sql(MANY)
    workspace.write_sql(MANY, "2021-01-02")
    for day in ("2021-01-01", "2021-01-02"):
        workspace.published(day=day)
    table = workspace.delta()
    assert table.metadata().partition_columns == ["run_date"]
    assert table.to_pyarrow_table().num_rows == 40000
    assert json.loads(table.schema().to_json())["fields"][0]["metadata"]["comment"] == "Movie that was rated"
    assert table.metadata().configuration["delta.autoOptimize.autoCompact"] == "true"
    files = workspace.live_files("2021-01-02")
    assert duckdb.sql(f"SELECT count(*), count(DISTINCT user_id), min(movie_id) FROM read_parquet({files})").fetchone() == (20000, 20000, 0)


def test_older_versions_stay_readable(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    first = workspace.published()["version"]
    workspace.write_day([{"movie_id": 2, "user_id": 1}])
    workspace.published()
    assert workspace.delta(version=first).to_pyarrow_table()["movie_id"].to_pylist() == [1]


def test_writers_of_others_and_ours_share_a_table(workspace):
    import pyarrow as arrow
    from deltalake import write_deltalake

    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published()
    theirs = workspace.delta().to_pyarrow_table()
    moved = theirs.set_column(theirs.schema.get_field_index("run_date"), "run_date", arrow.array(["2020-12-31"]))
    write_deltalake(workspace.delta(), moved, mode="append")
    workspace.published()
    assert workspace.rows("run_date, movie_id") == [("2020-12-31", 1), ("2021-01-01", 1)]


def test_a_compacted_and_checkpointed_table_is_readable(workspace):
    for i in range(60):
        workspace.write_day([{"movie_id": i, "user_id": i}], name=f"part-{i:05}.parquet")
    for _ in range(12):
        workspace.published()
    assert list((workspace.table / "_delta_log").glob("*.checkpoint.parquet"))
    for entry in (workspace.table / "_delta_log").glob("0000000000000000000[0-8].json"):
        entry.unlink()  # readers must now go through the checkpoint
    assert workspace.rows("count(*), sum(movie_id)") == [(60, 1770)]
    workspace.published()
