"""source.recursive: files of sub-folders are data too."""

import json

from inputs import pipeline, refused, write


def deep(workspace, recursive="true", **more):
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source", more={"source": {"recursive": recursive}})
    if more:
        path = workspace.pipelines / "p" / "pipeline.yaml"
        path.write_text(json.dumps(json.loads(path.read_text()) | more))
    day = workspace.day_folder()
    for number, below in enumerate(["", "b", "a/x", "_hidden", "a/.hidden"]):
        (day / below).mkdir(parents=True, exist_ok=True)
        write(workspace, {"k": [number]}, f"{below}/f.parquet" if below else "f.parquet")
    return day


def test_files_of_sub_folders(workspace):
    day = deep(workspace)
    (day / "a" / "notes.txt").write_text("x")
    (day / "empty").mkdir()
    report = workspace.published("--pipeline", "p")
    assert workspace.rows("k", order="k") == [(0,), (1,), (2,)]
    assert report["source"]["files"] == 3 and report["source"]["passed_over"] == ["a/notes.txt (its name does not end in .parquet)"]


def test_without_it_they_are_told(workspace):
    deep(workspace, "false")
    report = workspace.published("--pipeline", "p")
    assert workspace.rows("k") == [(0,)]
    assert report["source"]["passed_over"] == ["a (a folder with files in it)", "b (a folder with files in it)"]


def test_without_it_an_empty_day_is_not_believed(workspace):
    day = deep(workspace, "false", on_empty_input="clear")
    (day / "f.parquet").unlink()
    refused(workspace.run("--pipeline", "p"), 3, "holds no Parquet files, but a (a folder with files in it), b (a folder with files in it)")


def test_a_link_to_a_folder_is_not_followed(workspace):
    """It may lead above itself, and then there is no end."""
    day = deep(workspace)
    (day / "a" / "loop").symlink_to(day)
    report = workspace.published("--pipeline", "p")
    assert workspace.rows("count(*)") == [(3,)]
    assert report["source"]["passed_over"] == ["a/loop (a folder with files in it)"]


def test_a_file_that_comes_in_a_sub_folder_is_a_change(workspace):
    import signal

    deep(workspace)
    workspace.write_sql("SELECT range AS k FROM range(3000000)", name="big.parquet")
    slow = workspace.start_staging("--pipeline", "p")
    slow.send_signal(signal.SIGSTOP)
    write(workspace, {"k": [9]}, "a/x/late.parquet")
    slow.send_signal(signal.SIGCONT)
    _, err = slow.communicate(timeout=120)
    assert slow.returncode == 75 and "a/x/late.parquet was added" in err, err


def test_it_is_a_yes_or_no(workspace):
    deep(workspace, "deep")
    refused(workspace.run("--pipeline", "p"), 78, "'source.recursive' must be one of false, true, not 'deep'")


def test_a_file_that_moves_to_another_sub_folder_is_a_change_to_plan(workspace):
    day = deep(workspace)
    plan = [workspace.command(day=None)[0], "plan", "2021-01-01", "--pipeline", "p", "--config-file-path", str(workspace.config)]
    workspace.published("--pipeline", "p")
    assert "raw changed" not in workspace.call(plan).out
    (day / "b" / "f.parquet").rename(day / "a" / "f.parquet")
    assert "raw changed" in workspace.call(plan).out
