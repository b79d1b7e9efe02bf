"""Runs side by side, and runs that are killed: a reader sees the old day or the new one, never a mix, never a row twice."""

import random
import signal
import subprocess
import time

import duckdb

DAY = (
    "SELECT i AS movie_id, {tag}::BIGINT AS user_id, 4::FLOAT AS rating, i AS timestamp, md5(i::VARCHAR) AS original_title, 'en' AS original_language, "
    "1::BIGINT AS budget, false AS adult, [{{'id': 1::BIGINT, 'name': 'g'}}] AS genres FROM range({rows}) t(i)"
)


def finish(processes):
    out = [(p.communicate(timeout=120), p.returncode) for p in processes]
    return [code for _, code in out], "\n".join(err for (_, err), _ in out)


def test_two_runs_of_one_day_do_not_mix(workspace):
    workspace.write_sql(DAY.format(tag=1, rows=20000))
    for _ in range(5):
        codes, err = finish([workspace.start(), workspace.start()])
        assert codes == [0, 0], err
        assert workspace.rows("count(*), count(DISTINCT movie_id)") == [(20000, 20000)]
        assert len(workspace.live_files()) == 1
    assert workspace.leftovers() == []


def test_eight_days_at_once(workspace):
    days = [f"2021-01-0{i}" for i in range(1, 9)]
    for number, day in enumerate(days):
        workspace.write_sql(DAY.format(tag=number, rows=1000), day)
    codes, err = finish([workspace.start(day=day) for day in days])
    assert codes == [0] * 8, err
    assert workspace.rows("run_date, count(*), min(user_id), max(user_id)", "true GROUP BY run_date") == [
        (day, 1000, number, number) for number, day in enumerate(days)
    ]
    assert workspace.leftovers() == []


def test_a_run_does_not_replace_what_another_made_of_newer_input(workspace):
    """While a slow run stages, another file arrives and a run of the same day publishes it too."""
    workspace.write_sql(DAY.format(tag=0, rows=1000000))
    slow = workspace.start_staging()
    slow.send_signal(signal.SIGSTOP)
    workspace.write_sql(DAY.format(tag=1, rows=10), name="part-00001.parquet")
    workspace.published()
    slow.send_signal(signal.SIGCONT)
    _, err = slow.communicate(timeout=120)
    assert slow.returncode == 75, err
    assert "the raw files have changed since" in err and "Run again:" in err
    assert workspace.rows("count(*), max(user_id)") == [(1000010, 1)]
    assert workspace.leftovers() == []


def test_a_run_killed_at_any_moment_leaves_the_old_day_or_the_new_one(workspace):
    """Killed 30 times, at seeded moments over the length of a run; each run writes another user's rows."""
    workspace.write_sql(DAY.format(tag=0, rows=30000))
    started = time.monotonic()
    workspace.published()
    length = time.monotonic() - started
    moments = random.Random(20210101)
    seen, killed, number = 0, 0, 0
    while killed < 30:
        number += 1
        assert number <= 150, "most runs must have been killed before their end"
        workspace.write_sql(DAY.format(tag=number, rows=30000))
        started = time.monotonic()
        process = workspace.start()
        try:
            process.wait(timeout=moments.uniform(0, length))
            length = time.monotonic() - started  # on a busy machine no run is as long as the last one
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        killed += process.returncode == -signal.SIGKILL
        ((rows, low, high),) = workspace.rows("count(*), min(user_id), max(user_id)")
        assert rows == 30000 and low == high and low in (seen, number), "a mix of two runs"
        seen = low
    workspace.published()
    assert workspace.rows("count(*), min(user_id)") == [(30000, number)]
    assert workspace.leftovers() == []


def test_a_dead_run_is_cleaned_up_by_a_run_of_another_day_too(workspace):
    workspace.write_sql(DAY.format(tag=7, rows=10))
    workspace.published()
    workspace.write_sql(DAY.format(tag=0, rows=2000000))
    workspace.write_sql(DAY.format(tag=0, rows=10), "2021-01-02")
    process = workspace.start_staging()
    process.kill()
    process.communicate(timeout=30)
    assert workspace.leftovers()
    workspace.published(day="2021-01-02")
    assert workspace.leftovers() == []
    assert workspace.rows("count(*), min(user_id)", "run_date = '2021-01-01'") == [(10, 7)], "the dead run's day as it was"


def test_the_living_are_not_cleaned_up(workspace):
    """A run of the same day ends while a longer one is staging: the longer one still finds its files."""
    workspace.write_sql(DAY.format(tag=0, rows=3000000))
    slow = workspace.start_staging()
    slow.send_signal(signal.SIGSTOP)
    workspace.write_sql(DAY.format(tag=0, rows=10), "2021-01-02")
    workspace.published(day="2021-01-02")
    slow.send_signal(signal.SIGCONT)
    _, err = slow.communicate(timeout=120)
    assert slow.returncode == 0, err
    assert duckdb.sql(f"SELECT count(*) FROM read_parquet({workspace.live_files('2021-01-01')})").fetchone() == (3000000,)
