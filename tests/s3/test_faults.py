"""Runs through a proxy that fails by a seeded plan: each ends right or fails clean, and the table is never wrong.

S3_FAULTS=N sets how many seeds. A failure names its seed; `pytest tests/s3/test_faults.py -k "faults and [30"` repeats its block.
"""

import os
import threading
import time

import pytest
from interop.test_parallel_runs import DAY

from .proxy import Plan
from .test_parallel import runs_of_the_log
from .test_refusals import clean

SEEDS = int(os.environ.get("S3_FAULTS", "200"))
BLOCK = 10  # seeds that share a table
ROWS = 500


def day_of(workspace) -> int:
    """The tag of the published day, which must be whole and of one run."""
    ((rows, keys, low, high),) = workspace.rows("count(*), count(DISTINCT movie_id), min(user_id), max(user_id)")
    assert (rows, keys, low) == (ROWS, ROWS, high), "a mix of two runs"
    return low


def published_once(workspace) -> None:
    written = runs_of_the_log(workspace)
    assert len(written) == len(set(written)), "a run was published twice"


@pytest.fixture
def table(workspace, proxy):
    """A table with one published day of tag -1; the program reaches it through the proxy. And how many requests a run makes."""
    workspace.write_sql(DAY.format(tag=-1, rows=ROWS))
    workspace.through(proxy).published()
    proxy.clear()
    workspace.published()
    return workspace, len(proxy.requests)


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_faults_leave_the_old_day_or_the_new_one(table, proxy, first, record_property):
    workspace, length = table
    old, failed, hit = -1, 0, 0
    for seed in range(first, first + BLOCK):
        workspace.write_sql(DAY.format(tag=seed, rows=ROWS))
        proxy.clear()
        proxy.fault = Plan(seed, length)
        done = workspace.run()
        proxy.fault = lambda request: None
        hit += sum(request.fault is not None for request in proxy.requests)
        assert done.code in (0, 3, 75), f"seed {seed}: exit {done.code}: {done.err}"
        found = day_of(workspace)
        if done.code == 0:
            assert found == seed, f"seed {seed}: exit 0, but the day is {found}: {done.err}"
        else:
            failed += 1
            assert found == old or (found == seed and "unknown" in done.err), f"seed {seed}: exit {done.code}, the day is {found}: {done.err}"
        old = found
    assert hit >= BLOCK, "the plans must have hit the runs"
    record_property("faults", hit)
    record_property("failed_clean", failed)
    published_once(workspace)
    workspace.published()
    assert workspace.leftovers() == []


@pytest.mark.parametrize("fault", ["lost", "500", "503", "429", "drop", "truncate"])
def test_a_commit_whose_answer_fails_is_published_once(table, proxy, fault):
    """The put of the log entry itself: after `lost` a retry meets its own entry, and must not take it for another run's."""
    workspace, _ = table
    workspace.write_sql(DAY.format(tag=1, rows=ROWS))
    hits = []
    proxy.fault = lambda request: fault if request.kind == "PUT log entry" and not hits and not hits.append(request) else None
    report = workspace.published()
    assert hits, "the commit must have met the fault"
    assert day_of(workspace) == 1 and report["published"]
    published_once(workspace)


def test_a_store_that_is_gone_after_the_commit_leaves_an_unknown_outcome_in_order(table, proxy):
    """Nobody answers any more: the run says that it cannot know, deletes nothing, and the next one finds the day published."""
    workspace, _ = table
    workspace.write_sql(DAY.format(tag=1, rows=ROWS))
    gone = []

    def fault(request):
        if gone:
            return "drop"
        if request.kind == "PUT log entry":
            gone.append(request)
            return "lost"
        return None

    proxy.fault = fault
    done = workspace.run()
    proxy.fault = lambda request: None
    assert done.code == 3 and "unknown" in done.err, done.err
    assert day_of(workspace) == 1
    workspace.published()
    assert day_of(workspace) == 1
    published_once(workspace)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
def test_a_store_that_goes_away_fails_the_run_clean(table, proxy, share):
    workspace, length = table
    workspace.write_sql(DAY.format(tag=1, rows=ROWS))
    proxy.clear()
    proxy.fault = lambda request: "drop" if request.number > share * length else None
    done = workspace.run()
    proxy.fault = lambda request: None
    assert done.code == 3, done.err
    assert "error:" in done.err and "hint:" in done.err
    assert day_of(workspace) == -1
    workspace.published()
    assert day_of(workspace) == 1


def test_a_commit_that_arrives_after_its_run_was_cleaned_up_is_refused(table, proxy):
    """Killed with the put of the log entry on its way: clean-staged removes the files, so that entry must never become a version."""
    workspace, _ = table
    workspace.write_sql(DAY.format(tag=1, rows=ROWS))
    held, release = [], threading.Event()

    def fault(request):
        if request.kind == "PUT log entry":
            held.append(request)
            release.wait(60)

    proxy.fault = fault
    process = workspace.start()
    deadline = time.monotonic() + 60
    while not held and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=30)
    workspace.endpoint = workspace.store.endpoint
    workspace.write_config()
    done = clean(workspace)
    release.set()
    while held[0].status == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert done.code == 0 and "1 dead runs cleaned up" in done.out, done.err
    assert held[0].status == 412, "the store must have refused the late commit"
    assert day_of(workspace) == -1
    assert workspace.leftovers() == []
