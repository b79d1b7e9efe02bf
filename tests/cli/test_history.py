"""history, show and diff: what became of a table, its rows now and earlier, and what versions and days differ in."""

import json
import os

import deltalake
import pytest
from upkeep import DAY, NEXT, command, three_versions, told

SHORT = "movie_ratings_curated"


@pytest.fixture
def table(workspace):
    return three_versions(workspace)


def test_history_tells_each_version_as_another_reader_does(table):
    versions = told(table, "history")["versions"]
    assert [one["version"] for one in versions] == [3, 2, 1, 0]
    others = {one["version"]: one for one in table.delta().history()}
    for one in versions:
        assert one["operation"] == others[one["version"]]["operation"]
    newest = versions[0]
    assert (newest["added"]["rows"], newest["removed"]["rows"]) == (3, 3)
    assert newest["partitions"] == [{"run_date": DAY}]
    assert newest["run_id"] and newest["added"]["bytes"] > 0
    assert newest["time"] >= versions[1]["time"] >= versions[2]["time"]
    assert [one["version"] for one in told(table, "history", "--partition", NEXT)["versions"]] == [2]
    assert [one["version"] for one in told(table, "history", "--partition", f"run_date={DAY}", "--limit", "1")["versions"]] == [3]
    text = command(table, "history").out
    assert "run_date=2021-01-02" in text and len(text.splitlines()) == 5


def test_history_tells_what_other_writers_did(table):
    table.delta().delete("user_id = 4")
    newest = told(table, "history", "--limit", "1")["versions"][0]
    assert newest["operation"] == "DELETE" and newest["program"].startswith("delta-rs") and newest["run_id"] == ""


def test_show_has_rows_now_and_earlier(table):
    now = told(table, "show", "--day", DAY)
    assert sorted(row["user_id"] for row in now["rows"]) == [2, 3, 4] and now["version"] == 3
    assert all(row["run_date"] == DAY for row in now["rows"])
    earlier = told(table, "show", "--version", "1")
    assert sorted(row["user_id"] for row in earlier["rows"]) == [1, 2, 3]
    few = told(table, "show", "--rows", "2")
    assert len(few["rows"]) == 2 and few["more_rows"]
    counted = told(table, "show", "--sql", f"SELECT run_date, count(*) AS n FROM {SHORT} GROUP BY run_date ORDER BY run_date;")
    assert counted["rows"] == [{"run_date": DAY, "n": 3}, {"run_date": NEXT, "n": 2}]


def test_show_as_of_a_time(table):
    log = table.table / "_delta_log"
    for version in range(4):
        os.utime(log / f"{version:020}.json", (1_000_000_000 + version * 100,) * 2)
    if "inCommitTimestamp" in (log / f"{3:020}.json").read_text():
        pytest.skip("the commits say their own times")
    assert told(table, "show", "--as-of", "2001-09-09T01:50:00Z")["version"] == 2
    assert told(table, "show", "--as-of", "2001-09-09")["version"] == 3
    done = command(table, "show", "--as-of", "2001-09-08")
    assert done.code == 64 and "no version as of" in done.err and "2001-09-09" in done.err


def test_show_reaches_nothing_else_and_changes_nothing(table, tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    before = {path: path.stat().st_mtime_ns for path in table.warehouse.rglob("*") if path.is_file()}
    for sql in (f"SELECT * FROM read_csv('{tmp_path}/secret.csv')", f"DELETE FROM {SHORT}", "COPY (SELECT 1) TO 'x'", "SELECT 1; SELECT 2"):
        done = command(table, "show", "--sql", sql)
        assert done.code == 3 and done.out == "", sql
    assert {path: path.stat().st_mtime_ns for path in table.warehouse.rglob("*") if path.is_file()} == before


def test_show_hides_sensitive_columns(table):
    table.write_config("  checks:\n    sensitive_columns: original_title\n")
    shown = told(table, "show")
    assert shown["hidden_columns"] == ["original_title"] and all("original_title" not in row for row in shown["rows"])
    done = command(table, "show", "--sql", f"SELECT * FROM {SHORT}")
    assert done.code == 64 and "original_title" in done.err and "--show-sensitive" in done.err
    assert told(table, "show", "--show-sensitive", "--sql", f"SELECT max(original_title) AS t FROM {SHORT}")["rows"] == [{"t": "Title"}]


def test_a_version_that_is_not_there(table):
    for args in (("show", "--version", "9"), ("diff", "1..9")):
        done = command(table, *args)
        assert done.code == 64 and "version 9" in done.err and "0 to 3" in done.err


def test_diff_of_versions(table):
    found = told(table, "diff", "1..3")
    assert (found["added"], found["removed"], found["changed"]) == (3, 1, 1)
    assert found["schema"] == []
    changed = next(one for one in found["examples"] if one["kind"] == "changed")
    assert changed["key"] == {"movie_id": "1", "user_id": "2", "run_date": DAY}
    assert changed["columns"] == {"original_title": {"before": "Title", "after": "Other"}}
    removed = next(one for one in found["examples"] if one["kind"] == "removed")
    assert removed["key"]["user_id"] == "1"
    whole = told(table, "diff", "1..3", "--key", "none")
    assert (whole["added"], whole["removed"], whole["changed"]) == (4, 2, 0)
    same = told(table, "diff", "2..2")
    assert not same["differ"]
    assert command(table, "diff", "2..2", "--fail-if-diff").code == 0
    assert command(table, "diff", "1..3", "--fail-if-diff").code == 2


def test_diff_of_days(table):
    found = told(table, "diff", f"{DAY}..{NEXT}")
    keys = {kind: [one["key"]["movie_id"] + "/" + one["key"]["user_id"] for one in found["examples"] if one["kind"] == kind] for kind in ("added", "removed")}
    assert keys == {"added": ["1/1", "2/2"], "removed": ["1/2", "1/3", "1/4"]} and found["changed"] == 0


def test_diff_needs_a_key_that_tells_rows(table):
    done = command(table, "diff", f"{DAY}..{NEXT}", "--key", "movie_id")
    assert done.code == 64 and "several rows" in done.err and "--key none" in done.err
    done = command(table, "diff", f"{DAY}..{NEXT}", "--key", "movie")
    assert done.code == 64 and "'movie'" in done.err
    assert command(table, "diff", "1").code == 64


def test_diff_hides_sensitive_values(table):
    table.write_config("  checks:\n    sensitive_columns: original_title, user_id\n")
    found = told(table, "diff", "1..3")
    assert found["changed"] == 1
    changed = next(one for one in found["examples"] if one["kind"] == "changed")
    assert changed["key"]["user_id"] == "(hidden)"
    assert changed["columns"]["original_title"] == {"before": "(hidden)", "after": "(hidden)"}
    assert "Other" not in json.dumps(found)


def test_diff_tells_a_changed_schema(table):
    table.delta().alter.add_columns([deltalake.Field("note", "string", nullable=True)])
    version = table.delta().version()
    found = told(table, "diff", f"{version - 1}..{version}")
    assert found["schema"] == [{"column": "note", "before": "", "after": "string"}] and found["added"] == 0


def test_without_a_table(workspace):
    workspace.raw.mkdir()
    for args in (("history",), ("show",), ("diff", "0..1")):
        done = command(workspace, *args)
        assert done.code == 78 and "there is no table" in done.err
