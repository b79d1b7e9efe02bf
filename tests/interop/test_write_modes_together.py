"""Runs that change partitions of the data, killed at any moment and side by side: no row is lost, none is there twice."""

import random
import signal
import subprocess
import time

import pytest
from write_modes import DAYS, MERGE, land, modes, newest

APPEND = {"partition": {"day": "date"}, "mode": "append"}


def some_rows(seed, number):
    return [(seed.randrange(4000), seed.choice(DAYS), number * 10 + seed.randrange(10), seed.choice("ab")) for _ in range(3000)]


def state(workspace):
    return workspace.rows("k, CAST(day AS VARCHAR), ts, v", order="ALL")


@pytest.mark.parametrize("target", [MERGE, APPEND], ids=["merge", "append"])
def test_a_run_killed_at_any_moment(workspace, target):
    """Killed 20 times: the table is the one before or the one after, and the run that follows makes it whole."""
    modes(workspace, target)
    seed = random.Random(target["mode"])
    expected = (lambda days: newest(days.values())) if target is MERGE else (lambda days: sorted(row for rows in days.values() for row in rows))
    landed = {DAYS[0]: some_rows(seed, 0)}
    land(workspace, DAYS[0], landed[DAYS[0]])
    started = time.monotonic()
    workspace.published("--pipeline", "p")
    length = time.monotonic() - started
    killed, tried = 0, 0
    while killed < 20:
        tried += 1
        assert tried <= 100, "most runs must have been killed before their end"
        day = DAYS[tried % 4]
        before = dict(landed)
        landed[day] = some_rows(seed, tried)
        if target is MERGE:  # its rows stay, whatever comes later for the day
            landed = {**before, f"{day}-{tried}": landed[day]}
            land(workspace, day, landed[f"{day}-{tried}"])
        else:
            land(workspace, day, landed[day])
        process = workspace.start("--pipeline", "p", day=day)
        started = time.monotonic()
        try:
            process.wait(timeout=seed.uniform(0, length))
            length = time.monotonic() - started
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        killed += process.returncode == -signal.SIGKILL
        assert state(workspace) in (expected(before), expected(landed)), "neither the table before nor the one after"
        workspace.published("--pipeline", "p", day=day)
        assert state(workspace) == expected(landed)
        assert workspace.leftovers() == []


@pytest.mark.parametrize("target", [MERGE, APPEND], ids=["merge", "append"])
def test_days_side_by_side(workspace, target):
    """All of them change the same partitions: each places its rows anew on what the others left."""
    modes(workspace, target)
    seed = random.Random(7)
    landed = {day: some_rows(seed, number) for number, day in enumerate(DAYS)}
    for day, rows in landed.items():
        land(workspace, day, rows)
    for _ in range(2):
        processes = [workspace.start("--pipeline", "p", day=day) for day in [*DAYS, DAYS[0]]]
        told = [process.communicate(timeout=120)[1] for process in processes]
        assert [process.returncode for process in processes] == [0] * 5, told
    expected = newest(landed.values()) if target is MERGE else sorted(row for rows in landed.values() for row in rows)
    assert state(workspace) == expected
    assert workspace.leftovers() == []
