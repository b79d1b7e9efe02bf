"""The files of a day are one snapshot, nothing is passed over in silence, and the numbers of a run add up."""

import json
import os
import signal

import pytest
from inputs import pipeline, refused, write

BIG = "SELECT i AS k, i AS o, md5(i::VARCHAR) AS s FROM range({first}, {last}) t(i)"


@pytest.mark.parametrize("change", ["replaced", "added", "removed", "rewritten"])
def test_a_day_that_changes_while_it_is_read_is_not_published(workspace, change):
    """The new upload has as many rows in as many bytes, or the same time of modification."""
    columns = {"k": "bigint", "o": "bigint", "s": "string"}
    pipeline(workspace, columns, columns, "SELECT k, o, s FROM source", key=["k"], order=["o"])
    workspace.write_sql(BIG.format(first=0, last=1500000), name="0.parquet")
    last = workspace.write_sql(BIG.format(first=1500000, last=1501000), name="1.parquet")
    fresh = workspace.write_sql(BIG.format(first=1501000, last=1502000), day="2021-01-02", name="new.parquet")
    run = workspace.start_staging("--pipeline", "p", "--threads", "1")
    run.send_signal(signal.SIGSTOP)
    before = last.stat()
    if change == "replaced":
        os.rename(fresh, last)
        os.utime(last, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "added":
        os.rename(fresh, workspace.day_folder() / "2.parquet")
        last = workspace.day_folder() / "2.parquet"
    elif change == "removed":
        last.unlink()
    else:
        last.write_bytes(fresh.read_bytes())
        os.utime(last, ns=(before.st_atime_ns, before.st_mtime_ns))
    run.send_signal(signal.SIGCONT)
    _, err = run.communicate(timeout=120)
    assert run.returncode == 75, err
    told = "replaced" if change == "rewritten" else change
    assert f"the raw files have changed since this run began: {last} was {told}" in err and "Run again" in err
    assert not workspace.table.exists()


def test_a_link_to_nothing_is_not_left_out(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    link = workspace.day_folder() / "part-00001.parquet"
    link.symlink_to("/nonexistent/part.parquet")
    refused(workspace.run(), 3, f"raw file {link} cannot be looked at: it is a link to /nonexistent/part.parquet, which does not exist")
    assert not workspace.table.exists()


def test_a_link_whose_target_may_not_be_looked_at_is_not_left_out(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    shut = workspace.root / "shut"
    shut.mkdir()
    whole = workspace.write_day([{"movie_id": 2, "user_id": 1}], name="part-00001.parquet")
    whole.rename(shut / whole.name)
    whole.symlink_to(shut / whole.name)
    shut.chmod(0)
    try:
        done = workspace.call([*without_rights(), *workspace.command()])
    finally:
        shut.chmod(0o755)
    refused(done, 3, f"raw file {whole} cannot be looked at: Permission denied")


def test_a_file_that_may_not_be_read_is_named(workspace):
    path = workspace.write_day([{"movie_id": 1, "user_id": 1}])
    path.chmod(0)
    refused(workspace.call([*without_rights(), *workspace.command()]), 3, f"{path}: cannot be read", "the right to do that there")


def test_a_folder_that_may_not_be_listed_is_no_missing_day(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.day_folder().chmod(0)
    try:
        refused(workspace.call([*without_rights(), *workspace.command()]), 3, f"cannot list {workspace.day_folder()}: Permission denied")
    finally:
        workspace.day_folder().chmod(0o755)


def without_rights():
    """Root may read everything, unless it gives that right up."""
    rights = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"] if os.getuid() == 0 else []


BESIDE = {
    "hour=01/part-0.parquet": "hour=01 (a folder with files in it)",
    "late.parquet/part-0.parquet": "late.parquet (a folder with files in it)",
    "deep/er/x": "deep (a folder with files in it)",
    "20240701_144951_00037_ab12c": "20240701_144951_00037_ab12c (its name does not end in .parquet)",
    "part-1.parquet.tmp": "part-1.parquet.tmp (its name does not end in .parquet)",
}


@pytest.mark.parametrize("name", BESIDE)
def test_what_is_not_read_is_named(workspace, name):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    put_beside(workspace, name)
    report = workspace.run("--output", "json")
    assert report.code == 0, report.err
    assert f"passed over in {workspace.day_folder()}, none of its rows are part of the day: {BESIDE[name]}" in report.err
    assert report.json["runs"][0]["source"]["passed_over"] == [BESIDE[name]]
    assert BESIDE[name] in workspace.run().out


def put_beside(workspace, name):
    path = workspace.day_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("data")


def test_what_is_no_part_of_a_day_is_not_named(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    for name in ("_SUCCESS", ".part-0.parquet.crc", "_temporary/0/part-0.parquet", "empty/er/_mark"):
        put_beside(workspace, name)
    (workspace.day_folder() / ".#part").symlink_to("nobody@nowhere")
    report = workspace.published()
    assert report["source"]["passed_over"] == [] and report["source"]["files"] == 1


def test_the_ending_may_be_in_capitals(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}], name="a.PARQUET")
    workspace.write_day([{"movie_id": 2, "user_id": 1}], name="b.Parquet")
    assert workspace.published()["written"]["rows"] == 2


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("choice", ["keep", "clear"])
def test_a_day_is_not_empty_while_something_unread_lies_there(workspace, choice, name):
    workspace.write_day([{"movie_id": 1, "user_id": 1}]).unlink()
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "on_empty_input: fail", f"on_empty_input: {choice}")
    workspace.edit("checks.yaml", "row_count > 0", "row_count >= 0")
    put_beside(workspace, name)
    refused(workspace.run(), 3, f"holds no Parquet files, but {BESIDE[name]}", "Whether the day is empty cannot be told")


def test_names_that_are_patterns_mean_themselves(workspace):
    names = ["*.parquet", "a?.parquet", "[ab].parquet", "[!z].parquet", "**.parquet", "\\a.parquet", "]b.parquet", "a b'\"c.parquet", "ab.parquet", "b.parquet"]
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source", key=["k"], order=["k"])
    for number, name in enumerate(names):
        write(workspace, {"k": [number, 99]}, name)
    assert workspace.run("--pipeline", "p").code == 0
    assert workspace.rows("k") == [*((number,) for number in range(len(names))), (99,)]


def test_a_folder_whose_name_is_a_pattern_means_itself(workspace):
    workspace.raw = workspace.root / "raw[1]*"
    workspace.warehouse = workspace.root / "ware[house]?"
    workspace.write_config()
    workspace.table = workspace.warehouse / "movie_ratings_curated"
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    assert workspace.published()["written"]["rows"] == 1


def test_a_name_that_is_no_text_is_refused(workspace):
    path = workspace.write_day([{"movie_id": 1, "user_id": 1}])
    os.rename(path, os.fsencode(path.parent) + b"/caf\xe9.parquet")
    refused(workspace.run(), 3, f"raw file {path.parent}/caf\\xe9.parquet cannot be read: its name is not UTF-8")
    (record,) = (workspace.warehouse / "_runs").glob("*.json")
    assert json.loads(record.read_text())["status"] == "failed"


@pytest.mark.parametrize("path", ["{yyyy}/{MM}/{dd}/", "/{yyyy}/{MM}/{dd}//"])
def test_a_slash_around_the_days_folder_means_nothing(workspace, path):
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", 'path: "{yyyy}/{MM}/{dd}"', f'path: "{path}"')
    for name in ("a.parquet", "x_late.parquet", "_tmp.parquet", ".hidden.parquet"):
        workspace.write_day([{"movie_id": len(name), "user_id": 1}], name=name)
    assert workspace.published()["source"]["files"] == 2


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("{yyyy}/{MM}", "has no {dd}"),
        ("daily", "has no {yyyy}"),
        ("%Y/%m/%d", "has no {yyyy}"),
        ("{yyyy}/{mm}/{dd}", "unknown placeholder '{mm}'. Did you mean 'MM'?"),
        ("${run_date}", "unknown placeholder '{run_date}'"),
        ("{yyyy}/{MM}/{dd", "a brace without its other half"),
        ("../{yyyy}/{MM}/{dd}", "'..' is not a folder's name"),
        ("{yyyy}//{MM}/{dd}", "'' is not a folder's name"),
        ("///", "has no {yyyy}"),
    ],
)
def test_a_path_that_is_not_one_for_each_day_is_refused(workspace, path, said):
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", 'path: "{yyyy}/{MM}/{dd}"', f'path: "{path}"')
    refused(workspace.run(), 78, f"pipeline.yaml:5:9: source.path '{path}': ", said)


# ---- sums


def test_rows_that_the_transform_drops_are_told(workspace):
    pipeline(workspace, {"k": "bigint", "v": "bigint"}, {"k": "bigint"}, "SELECT k FROM source WHERE v > 1", key=["k"], order=["v"])
    write(workspace, {"k": [1, 1, 2, 3, 4], "v": [1, 2, 3, None, 2]})
    done = workspace.run("--pipeline", "p")
    assert "5 read, 1 duplicates dropped, 2 dropped by the transform, 2 written" in done.out
    report = workspace.run("--pipeline", "p", "--output", "json").json["runs"][0]
    assert (report["source"]["rows"], report["duplicates_dropped"], report["dropped_by_transform"], report["written"]["rows"]) == (5, 1, 2, 2)


@pytest.mark.parametrize("select", ["SELECT k FROM source GROUP BY k", "SELECT unnest([k, k]) AS k FROM source"])
def test_what_a_transform_dropped_is_not_told_where_rows_are_not_its_own(workspace, select):
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, select)
    write(workspace, {"k": [1, 1]})
    report = workspace.run("--pipeline", "p", "--output", "json").json["runs"][0]
    assert report["status"] == "published" and report["dropped_by_transform"] is None


@pytest.mark.parametrize("flags", [["--dry-run"], []])
def test_a_run_that_publishes_nothing_wrote_and_replaced_nothing(workspace, flags):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published()
    if not flags:
        workspace.write_day([{"movie_id": 1, "user_id": 1, "rating": 9}])
    done = workspace.run("--output", "json", *flags)
    assert done.code == (0 if flags else 2)
    report = done.json["runs"][0]
    assert report["written"] == {"rows": 0, "files": 0, "bytes": 0} and report["files_replaced"] == 0
    assert report["staged"]["rows"] == 1 and report["staged"]["files"] == 1 and report["staged"]["bytes"] > 0


def not_ready(workspace, ready: dict, **options):
    columns = {"k": "bigint"}
    pipeline(workspace, columns, columns, "SELECT k FROM source", more={"source": {"ready": ready}}, **options)
    write(workspace, {"k": [1]})


@pytest.mark.parametrize(
    ("ready", "said"),
    [
        ({"file": "_SUCCESS"}, "is not ready: there is no _SUCCESS"),
        ({"min_files": 2}, "is not ready: it holds 1 of at least 2 files"),
        ({"quiet_for": "1h"}, "s ago, and it counts as whole after 3600 s"),
        ({"file": "_SUCCESS", "min_files": 3}, "there is no _SUCCESS, it holds 1 of at least 3 files"),
    ],
)
def test_a_day_that_is_not_ready_is_not_read(workspace, ready, said):
    not_ready(workspace, ready)
    refused(workspace.run("--pipeline", "p"), 66, str(workspace.day_folder()), said, "source.ready in", "--wait")
    assert not workspace.table.exists()


def test_a_day_that_is_ready(workspace):
    not_ready(workspace, {"file": "_SUCCESS", "min_files": 1, "quiet_for": "10s"})
    (workspace.day_folder() / "_SUCCESS").touch()
    os.utime(workspace.day_folder() / "a.parquet", (0, 0))
    assert workspace.published("--pipeline", "p")["written"]["rows"] == 1


def test_a_run_waits_for_a_day(workspace):
    """First its folder, then the rest; a request to stop ends the wait."""
    not_ready(workspace, {"file": "_SUCCESS"})
    hidden = workspace.raw.with_name("later")
    workspace.raw.rename(hidden)
    run = workspace.start_after("waiting, raw folder", "--pipeline", "p", "--wait", "5m")
    hidden.rename(workspace.raw)
    for line in run.stderr:
        if "is not ready: there is no _SUCCESS" in line:
            break
    (workspace.day_folder() / "_SUCCESS").touch()
    _, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert workspace.rows("k") == [(1,)]
    (workspace.day_folder() / "_SUCCESS").unlink()
    run = workspace.start_after("waiting, raw folder", "--pipeline", "p", "--wait", "5m")
    run.terminate()
    run.communicate(timeout=30)
    assert run.returncode == 130


def test_a_wait_that_was_in_vain(workspace):
    not_ready(workspace, {"file": "_SUCCESS"})
    refused(workspace.run("--pipeline", "p", "--wait", "1s"), 66, "there is no _SUCCESS")


@pytest.mark.parametrize(
    ("ready", "said"),
    [
        ({"files": 1}, "unknown key 'source.ready.files'"),
        ({"min_files": 0}, "'source.ready.min_files' must be a number from 1 up, not '0'"),
        ({"quiet_for": "10"}, "'source.ready.quiet_for' is '10', which is not a duration"),
        ({"file": "../_SUCCESS"}, "'source.ready.file' is '../_SUCCESS', which is not a file's name"),
        ("yes", "'source.ready' must be a mapping"),
    ],
)
def test_a_readiness_that_makes_no_sense(workspace, ready, said):
    not_ready(workspace, ready)
    refused(workspace.run("--pipeline", "p"), 78, "pipeline.yaml:", said)
