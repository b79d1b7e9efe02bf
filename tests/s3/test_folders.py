"""Folders below the day's, and folders of hours, in a store."""

from inputs import pipeline, refused
from write_modes import DAYS, MERGE, SOURCE, land


def test_folders_at_any_depth(workspace):
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source", more={"source": {"recursive": "true"}})
    for k, below in enumerate(["", "/a", "/a/b=1", "/_tmp", "/a/.hidden"]):
        path = workspace.write_sql(f"SELECT {k}::BIGINT AS k", day=f"2021/01/01{below}")
        workspace.arrived(path)
    notes = workspace.day_folder() / "a" / "notes.txt"
    notes.write_text("x")
    workspace.arrived(notes)
    workspace.s3.put_object(Bucket=workspace.bucket, Key="raw/2021/01/01/mark/", Body=b"")
    report = workspace.published("--pipeline", "p")
    assert report["source"]["passed_over"] == ["a/notes.txt (its name does not end in .parquet)"]
    assert workspace.rows("k", order="k") == [(0,), (1,), (2,)]


def test_hours(workspace):
    pipeline(workspace, SOURCE, SOURCE, "SELECT k, day, ts, v FROM source", path="{yyyy}/{MM}/{dd}/{HH}", more={"target": MERGE})
    refused(workspace.run("--pipeline", "p", "--execution-hour", "3"), 66, "does not exist: no object lies below it")
    for hour in (3, 4):
        workspace.arrived(land(workspace, f"{DAYS[0]}/{hour:02}".replace("-", "/"), [(hour, DAYS[0], 1, "a")]))
    for hour, rows in [("3..4", 1), ("3", 0)]:
        done = workspace.run("--pipeline", "p", "--execution-hour", hour, "--output", "json")
        assert done.code == 0 and [run["effect"]["inserted"] for run in done.json["runs"]] == [rows] * len(done.json["runs"]), done.err
    assert workspace.rows("count(*)") == [(2,)]
