"""restore: an older version of the table, or of a day, is the newest again, if it passes the checks."""

import deltalake
import pytest
from upkeep import DAY, NEXT, command, three_versions, told


@pytest.fixture
def table(workspace):
    return three_versions(workspace)


def users(workspace):
    return workspace.rows("run_date, user_id, original_title")


FIRST = [(DAY, 1, "Title"), (DAY, 2, "Title"), (DAY, 3, "Title")]
SECOND = [(NEXT, 1, "Title"), (NEXT, 2, "Title")]
AGAIN = [(DAY, 2, "Other"), (DAY, 3, "Title"), (DAY, 4, "Title")]


def test_a_day_is_restored_and_restored_back(table):
    report = told(table, "restore", "--day", DAY, "--to-version", "1")
    assert (report["status"], report["version"], report["from_version"]) == ("restored", 4, 3)
    assert users(table) == FIRST + SECOND
    newest = told(table, "history", "--limit", "1")["versions"][0]
    assert newest["operation"] == "RESTORE" and newest["run_id"] == report["run_id"] and newest["parameters"]["version"] == "1"
    assert newest["partitions"] == [{"run_date": DAY}]
    told(table, "restore", "--day", DAY, "--to-version", "3")
    assert users(table) == AGAIN + SECOND
    # A restored day is a day like any other: a run replaces it.
    table.published()
    assert users(table) == AGAIN + SECOND and table.leftovers() == []


def test_the_whole_table_is_restored(table):
    report = told(table, "restore", "--version", "1")
    assert users(table) == FIRST
    assert report["files_removed"] == 2 and report["files_restored"] == 1
    assert list(report["checks"]) == [DAY], "the other day has no rows then"
    assert told(table, "diff", "1..4")["differ"] is False
    assert table.delta(version=3).to_pyarrow_table().num_rows == 5, "history is not rewritten"


def test_what_is_so_already_is_no_commit(table):
    report = told(table, "restore", "--version", "3")
    assert report["status"] == "unchanged" and report["version"] is None and table.delta().version() == 3
    assert told(table, "restore", "--day", NEXT, "--to-version", "2")["status"] == "unchanged"


def test_a_dry_run_changes_nothing(table):
    report = told(table, "restore", "--version", "1", "--dry-run")
    assert (report["status"], report["files_restored"], report["files_removed"]) == ("dry_run", 1, 2)
    assert list(report["checks"]) == [DAY]
    assert table.delta().version() == 3 and users(table) == AGAIN + SECOND


def test_checks_that_fail_leave_it_as_it_is(table):
    table.own_pipelines()
    (table.pipelines / "movie_ratings" / "checks.yaml").write_text("checks for ${table}:\n  - max(user_id) <= 3\n")
    table.write_day([{"movie_id": 1, "user_id": 1}])
    table.published()
    report = told(table, "restore", "--day", DAY, "--to-version", "3", code=2)
    assert report["status"] == "checks_failed" and report["checks"][DAY]["outcome"] == "fail"
    assert table.delta().version() == 4 and table.rows("user_id", f"run_date = '{DAY}'") == [(1,)]
    assert told(table, "restore", "--day", DAY, "--to-version", "1")["status"] == "restored"
    assert "CHECKS FAILED" in command(table, "restore", "--day", DAY, "--to-version", "3").out


def test_files_that_are_gone_are_named(table):
    gone = next(path for path in table.table.rglob("*.parquet") if str(path) not in table.live_files())
    content = gone.read_bytes()
    gone.unlink()
    done = command(table, "restore", "--version", "1")
    assert done.code == 3 and gone.name in done.err and table.delta().version() == 3
    gone.write_bytes(content[:-10])
    done = command(table, "restore", "--day", DAY, "--to-version", "1")
    assert done.code == 3 and gone.name in done.err
    gone.write_bytes(content)
    told(table, "restore", "--version", "1")


def test_rows_that_were_deleted_by_another_writer_stay_deleted(table):
    """A version may hold deletion vectors; here the restored file had one, and later has none."""
    log = table.table / "_delta_log"
    table.delta().delete("user_id = 4")
    deleted = table.delta().version()
    table.published()
    told(table, "restore", "--version", str(deleted))
    assert users(table) == AGAIN[:2] + SECOND
    assert "RESTORE" in (log / f"{deleted + 2:020}.json").read_text()


def test_columns_that_came_since_are_null(table):
    table.own_pipelines()
    table.edit("pipeline.yaml", "    run_date: {type", "    note: string\n    run_date: {type")
    table.edit("transform.sql", "  genres\n", "  genres,\n  'n' AS note\n")
    table.published("--evolve")
    told(table, "restore", "--version", "1")
    assert table.rows("user_id, note") == [(1, None), (2, None), (3, None)]


@pytest.mark.parametrize("flags", [(), ("--version", "1", "--day", DAY), ("--day", DAY), ("--to-version", "1")])
def test_what_is_meant_must_be_clear(table, flags):
    assert command(table, "restore", *flags).code == 64


def test_a_version_that_is_not_there(table):
    done = command(table, "restore", "--version", "12")
    assert done.code == 64 and "0 to 3" in done.err


def test_a_table_of_another_pipeline(table):
    table.own_pipelines()
    (table.pipelines / "movie_ratings").rename(table.pipelines / "other")
    done = command(table, "restore", "--version", "1", "--pipeline", "other")
    assert done.code == 78 and "belongs to pipeline 'movie_ratings'" in done.err
    assert table.delta().version() == 3
