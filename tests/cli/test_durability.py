"""Exit 0 means that it is on disk: the system calls of a run, in order."""

import re
import shutil

import pytest


def calls_of(workspace):
    """(system call, paths it names) of a run, in order, for the calls that make a commit durable."""
    if not shutil.which("strace"):
        pytest.skip("LOUD: strace is not installed, the order of fsync calls was not checked")
    trace = workspace.root / "trace"
    done = workspace.call(
        ["strace", "-f", "-y", "-s", "300", "-o", str(trace), "-e", "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2", *workspace.command()]
    )
    if "Operation not permitted" in done.err and done.code != 0:
        pytest.skip("LOUD: this machine does not allow tracing, the order of fsync calls was not checked")
    assert done.code == 0, done.err
    calls = []
    for line in trace.read_text().splitlines():
        found = re.match(r"\d+ +(\w+)\((.*)\) += 0", line)
        if found:
            calls.append((found[1], found[2]))
    return calls


def position(calls, names, text):
    found = [i for i, (name, arguments) in enumerate(calls) if name in names and text in arguments]
    assert found, f"no {'/'.join(names)} of {text} in {calls}"
    return found


def test_data_is_flushed_before_the_commit_and_the_commit_before_the_end(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    calls = calls_of(workspace)
    syncs, moves = ("fsync", "fdatasync"), ("link", "linkat", "rename", "renameat", "renameat2")
    commit = position(calls, moves, f"{1:020}.json")[-1]
    assert position(calls, syncs, ".snappy.parquet")[0] < commit
    assert position(calls, syncs, "run_date=2021-01-01>")[0] < commit
    assert position(calls, syncs, "/movie_ratings_curated>")[0] < commit
    assert position(calls, syncs, "_delta_log/" )[-1] < commit < position(calls, syncs, "/_delta_log>")[-1]
