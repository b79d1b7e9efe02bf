"""A table among the inputs as it was at the end of the day that is run."""

import json
import os
from datetime import datetime, timezone

import pyarrow as arrow
import pytest
from deltalake import write_deltalake
from inputs import pipeline, refused

# When its versions were committed: the last moment of a day, and the first of the next.
VERSIONS = ["2021-01-01T12:00:00", "2021-01-02T23:59:59.999", "2021-01-03T00:00:00"]


def known(workspace, versions=VERSIONS):
    """A table of one row that says which version it is."""
    root = workspace.warehouse / "marts.db" / "known"
    for number, time in enumerate(versions):
        write_deltalake(str(root), arrow.table({"version": arrow.array([number], arrow.int64())}), mode="overwrite")
        millis = round(datetime.fromisoformat(time).replace(tzinfo=timezone.utc).timestamp() * 1000)
        os.utime(root / "_delta_log" / f"{number:020}.json", ns=(millis * 10**6, millis * 10**6))
    return root


def reading(workspace, **more):
    target = {"k": "bigint", "version": "bigint"}
    pipeline(workspace, {"k": "bigint"}, target, "SELECT k, version FROM source CROSS JOIN known", more={"inputs": {"known": {"table": "marts.known", **more}}})
    for day in ("2020-12-31", "2021-01-01", "2021-01-02", "2021-01-03", "2021-01-04"):
        workspace.write_sql("SELECT 1::BIGINT AS k", day=day)


@pytest.mark.parametrize(("day", "version"), [("2021-01-01", 0), ("2021-01-02", 1), ("2021-01-03", 2), ("2021-01-04", 2)])
def test_the_version_of_the_end_of_the_day(workspace, day, version):
    known(workspace)
    reading(workspace, as_of="run_date")
    workspace.published("--pipeline", "p", day=day)
    assert workspace.rows("version") == [(version,)]
    assert json.loads(workspace.delta().history(1)[0]["userMetadata"])["inputs"] == {"known": {"table": "marts.known", "version": version}}


def test_without_it_the_newest(workspace):
    known(workspace)
    reading(workspace)
    workspace.published("--pipeline", "p")
    assert workspace.rows("version") == [(2,)]


def test_each_day_of_a_range_has_its_own(workspace):
    known(workspace)
    reading(workspace, as_of="run_date")
    done = workspace.run("--pipeline", "p", day="2021-01-01..2021-01-03")
    assert done.code == 0, done.err
    assert workspace.rows("run_date, version", order="run_date") == [("2021-01-01", 0), ("2021-01-02", 1), ("2021-01-03", 2)]


def test_a_day_before_the_table(workspace):
    known(workspace)
    reading(workspace, as_of="run_date")
    refused(workspace.run("--pipeline", "p", day="2020-12-31"), 78, "inputs.known: marts.known has no version as of the end of 2020-12-31 (UTC)", "Leave out as_of")
    assert not workspace.table.exists()


def test_a_log_that_no_longer_goes_back_so_far(workspace):
    root = known(workspace)
    from deltalake import DeltaTable

    DeltaTable(str(root)).create_checkpoint()
    reading(workspace, as_of="run_date")
    for number in (0, 1):
        (root / "_delta_log" / f"{number:020}.json").unlink()
    refused(workspace.run("--pipeline", "p", day="2021-01-02"), 78, "has no version as of the end of 2021-01-02", "its log no longer goes back")
    workspace.published("--pipeline", "p", day="2021-01-03")
    assert workspace.rows("version") == [(2,)]


def test_no_table_at_all(workspace):
    reading(workspace, as_of="run_date")
    refused(workspace.run("--pipeline", "p"), 78, "there is no table marts.known")


def test_a_later_version_changes_no_day_that_is_over(workspace):
    root = known(workspace)
    reading(workspace, as_of="run_date")
    workspace.published("--pipeline", "p")

    def state():
        done = workspace.call([workspace.command()[0], "plan", "2021-01-01", "--pipeline", "p", "--output", "json", "--config-file-path", str(workspace.config)])
        assert done.code == 0, done.err
        return [day["state"] for day in done.json["days"]]

    assert state() == ["published"]
    write_deltalake(str(root), arrow.table({"version": arrow.array([9], arrow.int64())}), mode="overwrite")
    assert state() == ["published"]


@pytest.mark.parametrize("change", [{"as_of": "yesterday"}, {"as_of": 3}, {"as_of": None}])
def test_what_it_can_be(workspace, change):
    reading(workspace, **change)
    refused(workspace.run("--pipeline", "p"), 78, "'inputs.known.as_of' must be one of run_date")


def test_not_of_files(workspace):
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source", more={"inputs": {"known": {"path": "a.csv", "format": "csv", "columns": {"k": "bigint"}, "as_of": "run_date"}}})
    refused(workspace.run("--pipeline", "p"), 78, "as_of")
