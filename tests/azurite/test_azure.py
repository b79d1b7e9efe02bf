"""The main job on Azure: publish, replace, refuse, race, die; and what is said when the store cannot be used."""

import random
import signal
import subprocess

import duckdb
from interop.test_parallel_runs import DAY, test_eight_days_at_once, test_two_runs_of_one_day_do_not_mix  # noqa: F401

KILLS = 10


def test_a_day_is_published_and_replaced(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}, {"movie_id": 1, "user_id": 1}, {"movie_id": 2, "user_id": 1}])
    first = workspace.published()
    assert first["location"] == workspace.location(workspace.table)
    workspace.write_day([{"movie_id": 3, "user_id": 1}])
    workspace.published()
    assert workspace.rows("movie_id") == [(3,)]
    assert len(workspace.live_files("2021-01-01")) == 1
    assert workspace.leftovers() == []


def test_statistics_are_those_of_the_rows(workspace):
    workspace.write_sql(DAY.format(tag=7, rows=1000))
    workspace.published()
    actions = workspace.delta().get_add_actions(flatten=True)
    (found,) = duckdb.sql('SELECT num_records, "min.movie_id", "max.movie_id", "min.user_id", "null_count.budget" FROM actions').fetchall()
    assert found == (1000, 0, 999, 7, 0) and actions is not None


def test_what_fails_its_checks_leaves_the_old_day(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published()
    workspace.write_day([{"movie_id": 1, "user_id": 1, "rating": 7.5}])
    done = workspace.run()
    assert done.code == 2, done.err
    assert workspace.rows("rating") == [(4.0,)]
    assert workspace.leftovers() == []


def test_killed_runs_leave_the_old_day_or_the_new_one(workspace):
    workspace.write_sql(DAY.format(tag=0, rows=30000))
    workspace.published()
    moments = random.Random(20210101)
    for number in range(1, KILLS + 1):
        workspace.write_sql(DAY.format(tag=number, rows=30000))
        process = workspace.start()
        try:
            process.wait(timeout=moments.uniform(0.1, 1))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        ((rows, low, high),) = workspace.rows("count(*), min(user_id), max(user_id)")
        assert rows == 30000 and low == high <= number, "a mix of two runs"
    workspace.published()
    assert workspace.rows("count(*), min(user_id)") == [(30000, KILLS)]
    assert workspace.leftovers() == []


def test_a_container_that_is_not_there(workspace):
    done = workspace.run("--set", "data.raw.location=az://nowhere/raw")
    assert done.code == 3, done.err
    assert "cannot list az://nowhere/raw/2021/01/01: the bucket does not exist" in done.err
    assert "check the location, storage.azure.account_name and storage.azure.endpoint." in done.err
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    done = workspace.run("--set", "data.curated.location=az://nowhere/warehouse")
    assert done.code == 3 and "az://nowhere/warehouse" in done.err and "the bucket does not exist" in done.err, done.err


def test_a_wrong_key(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.key = "bm90IHRoZSBrZXkgbm90IHRoZSBrZXkgbm90IHRoZSA="
    workspace.write_config()
    done = workspace.run()
    assert done.code == 3, done.err
    assert f"cannot list {workspace.location(workspace.raw)}/2021/01/01: the store refuses it (AuthorizationFailure)" in done.err
    assert workspace.key not in done.err and workspace.leftovers() == []
