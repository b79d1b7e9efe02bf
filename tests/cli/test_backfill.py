"""`backfill`, and `run --catch-up`: which days are run, how it goes on, and what it says."""

import datetime
import json
import random
import shlex
import signal
import subprocess
import time

import pytest

from conftest import BINARY

DAYS = [f"2021-01-{number:02}" for number in range(1, 9)]
RANGE = f"{DAYS[0]}..{DAYS[-1]}"


def land(workspace, days=DAYS, rows=40):
    for number, day in enumerate(days):
        workspace.write_day([{"movie_id": number * 1000 + row, "user_id": row} for row in range(rows)], day)


def command(workspace, *args):
    return [str(BINARY), "backfill", *args, "-c", str(workspace.config)]


def backfill(workspace, *args):
    return workspace.call(command(workspace, *args))


def states(workspace, days=RANGE):
    done = workspace.call([str(BINARY), "plan", days, "-c", str(workspace.config), "--output", "json"])
    return [day["state"] for day in done.json["days"]]


def rows_by_day(workspace):
    return workspace.rows("run_date, count(*), sum(movie_id)::BIGINT", "true GROUP BY ALL")


def last_line(done):
    return json.loads(done.out.splitlines()[-1])


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_it_runs_what_needs_it_and_nothing_else(workspace, jobs):
    land(workspace)
    workspace.published(day=DAYS[1])
    kept = workspace.live_files(DAYS[1])
    done = backfill(workspace, RANGE, "--jobs", jobs, "--output", "json")
    assert done.code == 0, done.err
    *runs, end = [json.loads(line) for line in done.out.splitlines()]
    assert sorted(run["execution_date"] for run in runs) == [day for day in DAYS if day != DAYS[1]]
    assert all(run["status"] == "published" for run in runs)
    assert (end["skipped"], end["failed"], end["not_tried"], end["command"]) == ({"published": 1}, [], [], None)
    assert states(workspace) == ["published"] * len(DAYS) and workspace.live_files(DAYS[1]) == kept
    assert [count for _, count, _ in rows_by_day(workspace)] == [40] * len(DAYS)
    again = backfill(workspace, RANGE)
    assert again.code == 0 and "skipped     8: 8 published" in again.out
    assert workspace.leftovers() == []


def test_only_some_kinds(workspace):
    land(workspace, DAYS[:3])
    assert backfill(workspace, RANGE).code == 0
    workspace.write_day([{"movie_id": 1, "user_id": 1}], DAYS[0])
    land(workspace, DAYS[3:4])
    assert states(workspace)[:5] == ["raw changed", "published", "published", "missing", "not landed"]
    done = backfill(workspace, RANGE, "--only", "missing", "--output", "json")
    assert last_line(done)["done"] == [DAYS[3]] and last_line(done)["skipped"] == {"published": 2, "raw changed": 1}
    done = backfill(workspace, RANGE, "--only", "stale", "--dry-run")
    assert "would run 1 day: 2021-01-01" in done.out and states(workspace)[0] == "raw changed"
    assert backfill(workspace, RANGE, "--only", "stale").code == 0
    assert states(workspace)[:4] == ["published"] * 4
    refused = backfill(workspace, RANGE, "--only", "old")
    assert refused.code == 64 and "missing, stale, refused" in refused.err


def test_a_bad_day_ends_it_with_the_command_that_goes_on(workspace):
    land(workspace)
    good = (workspace.day_folder(DAYS[2]) / "part-00000.parquet").read_bytes()
    (workspace.day_folder(DAYS[2]) / "part-00000.parquet").write_bytes(b"no Parquet")
    done = backfill(workspace, RANGE)
    assert done.code == 3
    assert "done        2: 2021-01-01..2021-01-02" in done.out and "failed      1: 2021-01-03" in done.out
    assert "not tried   5: 2021-01-04..2021-01-08" in done.out and "part-00000.parquet" in done.err
    words = shlex.split(next(line for line in done.out.splitlines() if line.startswith("go on with")).removeprefix("go on with"))
    assert words[1:3] == ["backfill", "2021-01-03..2021-01-08"]
    (workspace.day_folder(DAYS[2]) / "part-00000.parquet").write_bytes(good)
    assert workspace.call([str(BINARY), *words[1:]]).code == 0
    assert states(workspace) == ["published"] * len(DAYS)


def test_it_keeps_going_where_it_is_told_to_and_the_worst_code_counts(workspace):
    workspace.own_pipelines()
    workspace.edit("checks.yaml", "row_count > 0", "row_count > 5")
    land(workspace)
    land(workspace, DAYS[:1], rows=2)
    (workspace.day_folder(DAYS[4]) / "part-00000.parquet").write_bytes(b"no Parquet")
    done = backfill(workspace, RANGE, "--keep-going", "--jobs", "2", "--output", "json")
    end = last_line(done)
    assert (done.code, end["exit_code"], end["failed"], end["not_tried"]) == (3, 3, [DAYS[0], DAYS[4]], [])
    assert states(workspace) == ["refused (checks)"] + ["published"] * 3 + ["failed"] + ["published"] * 3


def test_a_range_of_runs_says_what_was_not_tried(workspace):
    land(workspace)
    (workspace.day_folder(DAYS[1]) / "part-00000.parquet").write_bytes(b"no Parquet")
    done = workspace.run(day=RANGE)
    assert done.code == 3 and "not tried after 2021-01-02: 2021-01-03..2021-01-08; go on with: movies-etl run --execution-date 2021-01-02..2021-01-08" in done.err


def test_an_interrupt_ends_it_cleanly(workspace):
    land(workspace, rows=400)
    process = subprocess.Popen(command(workspace, RANGE, "--jobs", "2", "--output", "json"), env=workspace.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert json.loads(first)["status"] == "published"
    if process.returncode != 0:  # else it was done before the signal came
        end = json.loads(out.splitlines()[-1])
        assert process.returncode == 130 and end["exit_code"] == 130 and (end["not_tried"] or end["failed"]) and err.count("stopping the work") <= 1
    assert workspace.leftovers() == []
    assert backfill(workspace, RANGE).code == 0
    assert states(workspace) == ["published"] * len(DAYS)


@pytest.mark.parametrize("seed", range(4))
def test_killed_and_gone_on_with_it_leaves_the_same_table(workspace, seed):
    land(workspace, rows=400)
    chance = random.Random(seed)
    for _ in range(5):
        process = subprocess.Popen(command(workspace, RANGE, "--jobs", "2"), env=workspace.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.05, 0.8))
        process.kill()
        process.wait()
    done = backfill(workspace, RANGE, "--jobs", "2")
    assert done.code == 0, done.err
    assert rows_by_day(workspace) == [(day, 400, sum(n * 1000 + row for row in range(400))) for n, day in enumerate(DAYS)]
    assert states(workspace) == ["published"] * len(DAYS) and workspace.leftovers() == []


def test_log_lines_of_days_at_once_name_their_own_run(workspace):
    land(workspace)
    done = backfill(workspace, RANGE, "--jobs", "4", "--log-format", "json", "--output", "json")
    assert done.code == 0, done.err
    day_of = {run["run_id"]: run["execution_date"] for run in map(json.loads, done.out.splitlines()) if "run_id" in run}
    lines = [json.loads(line) for line in done.err.splitlines()]
    told = [line for line in lines if line["message"].startswith("reading 1 files")]
    assert len(told) == len(DAYS)
    for line in told:
        day = line["execution_date"]
        assert day_of[line["run_id"]] == day and day.replace("-", "/") in line["message"]


def test_catching_up(workspace):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    days = [(today - datetime.timedelta(days=back)).isoformat() for back in (3, 2, 1)]
    land(workspace, days)
    workspace.published(day=days[1])
    done = workspace.run("--catch-up", "3", "--output", "json", day=None)
    assert done.code == 0 and last_line(done)["done"] == [days[0], days[2]], done.err
    again = workspace.run("--catch-up", "3", day=None)
    assert again.code == 0 and "skipped     3: 3 published" in again.out
    missing = workspace.run("--catch-up", "4", day=None)
    assert missing.code == 66 and "not landed  1" in missing.out
    assert workspace.run("--catch-up", "3").code == 64, "two ways to say which days"
    assert workspace.published(day="yesterday")["execution_date"] == days[2]
