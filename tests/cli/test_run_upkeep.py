"""upkeep: what a run does for its table after its days are published, when the configuration asks for it."""

import json
import os
import time

import pytest
from test_optimize import add_small_files
from test_vacuum import grow_old, unneeded
from upkeep import DAY, NEXT, rows, three_versions, told


def asks(workspace, **settings: str):
    workspace.write_config(extra="  upkeep:\n" + "".join(f"    {name}: {value}\n" for name, value in settings.items()))


def operations(workspace):
    return [one["operation"] for one in reversed(told(workspace, "history")["versions"])][4:]


@pytest.fixture
def table(workspace):
    """Small files of another program on two days, and one file that no version needs any more."""
    grow_old(three_versions(workspace).table)
    add_small_files(workspace, files=2)
    workspace.write_day(rows((1, 1)), day="2021-01-03")
    return workspace


def test_nothing_is_done_that_nobody_asked_for(table):
    count, files = len(table.live_files()), unneeded(table)
    table.published(day="2021-01-03")
    assert len(table.live_files()) == count + 1 and unneeded(table) == files


def test_a_run_optimizes_and_vacuums_its_table_when_it_is_due(table):
    asks(table, optimize="weekly", vacuum="7d")
    gone = unneeded(table)
    before = table.rows("run_date, movie_id, user_id")
    report = table.published(day="2021-01-03")
    assert report["status"] == "published" and report["version"] == 6
    assert operations(table) == ["WRITE", "WRITE", "WRITE", "OPTIMIZE", "OPTIMIZE", "VACUUM START", "VACUUM END"]
    assert len(table.live_files(DAY)) == len(table.live_files(NEXT)) == 1
    assert len(gone) == 1 and not os.path.exists(gone[0])
    assert table.rows("run_date, movie_id, user_id", "run_date < '2021-01-03'") == before
    # It is not due again: a week and a day have not passed.
    add_small_files(table, files=1)
    table.published(day="2021-01-03")
    assert operations(table)[7:] == ["WRITE", "WRITE"]
    # A week later it is.
    log = table.table / "_delta_log"
    for path in log.glob("*.json"):
        if "OPTIMIZE" in path.read_text() or "VACUUM" in path.read_text():
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            for line in lines:
                if "commitInfo" in line:
                    line["commitInfo"]["timestamp"] -= 8 * 86400 * 1000
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
            os.utime(path, (time.time() - 8 * 86400,) * 2)
    table.published(day="2021-01-03")
    assert operations(table)[9:11] == ["WRITE", "OPTIMIZE"]


def test_what_goes_wrong_with_it_does_not_fail_the_day(table):
    table.path_of(table.live_files(DAY)[0]).unlink()
    asks(table, optimize="daily", vacuum="1h")
    done = table.run("--output", "json", day="2021-01-03")
    assert done.code == 0 and done.json["runs"][0]["status"] == "published"
    assert "is left as it is" in done.err and "the table's retention" not in done.out
    assert "vacuum did not end" in done.err and len(table.live_files(NEXT)) == 1


def test_it_has_a_time_limit(table):
    asks(table, optimize="daily", vacuum="7d", time_limit="0s")
    count = len(table.live_files())
    done = table.run(day="2021-01-03")
    assert done.code == 0 and "upkeep.time_limit" in done.err
    assert len(table.live_files()) == count + 1


def test_a_day_that_is_not_published_is_no_occasion(table):
    asks(table, optimize="daily")
    version = table.delta().version()
    assert table.run("--dry-run", day="2021-01-03").code == 0
    assert table.run(day="2021-02-01").code == 66
    assert table.delta().version() == version
