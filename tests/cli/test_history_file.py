"""The history of measurements is a file that others can lock, replace or link: that costs the history, never a day, and hangs nobody."""

import fcntl
import os
from pathlib import Path

import pytest


def history(workspace):
    """A pipeline that keeps measurements."""
    workspace.own_pipelines()
    workspace.edit("checks.yaml", "checks for ${table} [daily]:", "checks for ${table} [daily]:\n  - change for row_count < 100")
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    folder = workspace.warehouse / "_checks"
    folder.mkdir(parents=True)
    return folder / "history.jsonl"


def test_a_lock_that_somebody_holds_for_ever_costs_the_history_and_not_the_day(workspace):
    lock = Path(f"{history(workspace)}.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = workspace.run()
    assert done.code == 0, done.err
    assert f"cannot lock {lock}: another process has held it for 10 seconds" in done.err


@pytest.mark.parametrize("name", ["history.jsonl.lock", "history.jsonl"])
def test_what_only_has_the_name_of_a_history_hangs_nobody(workspace, name):
    path = history(workspace).with_name(name)
    os.mkfifo(path)
    done = workspace.run()
    assert "it is not a regular file" in done.out + done.err and path.is_fifo()
    assert done.code == (0 if name.endswith(".lock") else 2), done.err


def test_a_history_that_is_a_link_is_neither_followed_nor_replaced(workspace):
    path = history(workspace)
    victim = workspace.root / "victim"
    victim.write_text("")
    path.symlink_to(victim)
    done = workspace.run()
    assert "is a link, which is neither followed nor replaced" in done.out + done.err
    assert path.is_symlink() and victim.read_text() == ""
