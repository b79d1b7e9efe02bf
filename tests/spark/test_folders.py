"""Sub-folders, folders of hours and a table as it was at the end of the day: the same on both engines."""

import os

import pyarrow as arrow
import pytest
from deltalake import write_deltalake
from inputs import pipeline
from outcome import on
from test_parity import same


@pytest.mark.parametrize("path", ["{yyyy}/{MM}/{dd}", "{yyyy}/{MM}/{dd}/hour={HH}"])
def test_folders_at_any_depth(workspace, server, left_alone, path):
    """What a folder is called does not become a column."""
    more = {"source": {"recursive": "true"}, "target": {"partition": "none", "mode": "merge", "key": ["k"], "order": ["k"]}}
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source", path=path, more=more)
    for k, below in enumerate(["", "/a", "/a/k=9", "/_tmp"]):
        workspace.write_sql(f"SELECT {k}::BIGINT AS k", day=path.format(yyyy=2021, MM="01", dd="01", HH="07") + below)
    hour = ("--execution-hour", "7") if "HH" in path else ()
    seen = same(workspace, server.url, flags=("--pipeline", "p", *hour))
    assert seen["code"] == 0 and seen["table"]["rows"] == 3, seen


def test_a_table_as_of_the_day(workspace, server, left_alone):
    root = workspace.warehouse / "marts.db" / "known"
    for number in range(2):
        write_deltalake(str(root), arrow.table({"version": arrow.array([number], arrow.int64())}), mode="overwrite")
    os.utime(root / "_delta_log" / f"{0:020}.json", (1609459200, 1609459200))
    inputs = {"known": {"table": "marts.known", "as_of": "run_date"}}
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint", "version": "bigint"}, "SELECT k, version FROM source CROSS JOIN known", more={"inputs": inputs})
    workspace.write_sql("SELECT 1::BIGINT AS k")
    done = workspace.run("--pipeline", "p", *on(server.url))
    assert done.code == 0, done.err
    assert workspace.rows("version") == [(0,)]
