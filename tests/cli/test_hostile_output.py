"""What others named cannot write into a terminal or a log, whichever way it leaves the program."""

import json

import pytest

# A line of its own that looks like the log's, a colour, and letters that are written backwards.
NAME = "a\nerror: forged\x1b[31m\u202ered\r.parquet"


@pytest.fixture
def hostile(workspace):
    folder = workspace.day_folder()
    folder.mkdir(parents=True)
    (folder / NAME).write_text("no Parquet, though it is long enough to be looked at")
    return workspace


def test_a_file_name_in_an_error_forges_nothing(hostile):
    done = hostile.run()
    assert done.code == 3
    assert "a\n  error: forged\\x1b[31m\\u202ered\\x0d.parquet" in done.err.replace("\\r", "\\x0d")
    assert not {"\x1b", "\u202e", "\r"} & set(done.err)
    starts = [line for line in done.err.splitlines() if line.startswith("error:")]
    assert len(starts) == 1, done.err


def test_nor_in_the_json_log(hostile):
    done = hostile.run("--log-format", "json")
    assert done.code == 3
    assert not {"\x1b", "\u202e", "\r"} & set(done.err)
    lines = [json.loads(line) for line in done.err.splitlines()]
    assert lines[-1]["level"] == "error" and "\\u202e" in lines[-1]["message"]


def test_a_hint_in_the_json_log_is_masked(workspace):
    place = workspace.root / "s3cr3t-in-a-place"
    place.mkdir()
    (workspace.root / ".secrets.yaml").write_text(f"development:\n  data: {{dynaconf_merge: true, raw: {{dynaconf_merge: true, location: {place}}}}}\n")
    done = workspace.run("--log-format", "json")
    assert done.code == 66, done.err
    last = json.loads(done.err.splitlines()[-1])
    assert "nearest folder that exists is ***" in last["hint"]
    assert place.name not in done.out + done.err
