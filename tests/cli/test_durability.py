"""Exit 0 means that it is on disk: the system calls of a run, in order."""

import json
import re
import shutil

import pytest

SYNCS, MOVES = ("fsync", "fdatasync"), ("link", "linkat", "rename", "renameat", "renameat2")


def calls_of(workspace, *flags):
    """(system call, paths it names) of a run, in order, for the calls that make a commit durable."""
    if not shutil.which("strace"):
        pytest.skip("LOUD: strace is not installed, the order of fsync calls was not checked")
    trace = workspace.root / "trace"
    done = workspace.call(
        ["strace", "-f", "-y", "-s", "300", "-o", str(trace), "-e", "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2", *workspace.command(*flags)]
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


def commit_of(calls, version):
    return position(calls, MOVES, f"{version:020}.json")[-1]


def added(workspace, version):
    """Names of the files that a version of the table adds."""
    actions = map(json.loads, (workspace.table / "_delta_log" / f"{version:020}.json").read_text().splitlines())
    return [action["add"]["path"].split("/")[-1] for action in actions if "add" in action]


def test_data_is_flushed_before_the_commit_and_the_commit_before_the_end(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    calls = calls_of(workspace)
    commit = commit_of(calls, 1)
    assert position(calls, SYNCS, ".zstd.parquet")[0] < commit
    # The folders too, those that the run made and those that it made them in.
    for folder in ("run_date=2021-01-01>", "/movie_ratings_curated>", f"{workspace.warehouse}>", f"{workspace.root}>"):
        assert position(calls, SYNCS, folder)[0] < commit
    assert position(calls, SYNCS, "_delta_log/")[-1] < commit < position(calls, SYNCS, "/_delta_log>")[-1]


def test_folders_that_were_there_are_flushed_all_the_same(workspace):
    """Another run may have made them a moment ago."""
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published()
    (workspace.table / "_staging").mkdir()  # as while another run stages: its making would flush the table's folder
    calls = calls_of(workspace)
    for folder in ("run_date=2021-01-01>", "/movie_ratings_curated>"):
        assert position(calls, SYNCS, folder)[0] < commit_of(calls, 2)


def test_every_file_is_flushed_before_its_commit_those_of_a_compaction_too(workspace):
    calls = calls_of(workspace, *workspace.write_small_files())
    assert len(added(workspace, 1)) == 60 and 0 < len(added(workspace, 2)) < 30
    for version in (1, 2):
        for name in added(workspace, version):
            assert position(calls, SYNCS, name)[0] < commit_of(calls, version), name
def test_a_commit_that_cannot_be_flushed_is_unknown_and_keeps_its_files(workspace):
    """The disk answers EIO when the log's folder is flushed: the entry is there for all to see, but perhaps not to stay."""
    if not shutil.which("strace"):
        pytest.skip("LOUD: strace is not installed, a disk that fails after the commit was not tested")
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published()
    workspace.write_day([{"movie_id": 2, "user_id": 2}])
    trace = workspace.root / "trace"
    fails = ["-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1+", "-P", str(workspace.table / "_delta_log")]
    done = workspace.call(["strace", "-f", "-o", str(trace), *fails, *workspace.command()])
    if "Operation not permitted" in done.err:
        pytest.skip("LOUD: this machine does not allow tracing, a disk that fails after the commit was not tested")
    assert "(INJECTED)" in trace.read_text(), "the disk must have failed"
    assert done.code == 3 and "unknown whether the commit happened" in done.err, done.err
    assert "The staged files were kept" in done.err
    assert workspace.rows("movie_id") == [(2,)], "the entry is there, so its files must be"
    workspace.write_day([{"movie_id": 3, "user_id": 3}], "2021-01-02")
    workspace.published(day="2021-01-02")  # cleans up after the dead, and must know this one as committed
    assert workspace.rows("movie_id") == [(2,), (3,)]
    assert workspace.leftovers() == []
