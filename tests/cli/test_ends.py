"""How it ends: the exit code tells the truth, whatever becomes of terminal, disk or signal."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
from conftest import BINARY

MANY = (
    "SELECT i AS movie_id, i AS user_id, 4::FLOAT AS rating, i AS timestamp, md5(i::VARCHAR) AS original_title, 'en' AS original_language, "
    "1::BIGINT AS budget, false AS adult, [{'id': 1::BIGINT, 'name': 'g'}] AS genres FROM range(300000) t(i)"
)
# One expression that takes minutes, little memory, and that DuckDB does not leave before its end.
ENDLESS = "levenshtein(repeat('a', 400000), repeat(original_title, 80000)) > 0"


@pytest.fixture
def day(workspace):
    workspace.write_day([{"movie_id": i, "user_id": i} for i in range(50)])
    return workspace


def shell(workspace, redirections: str, *args: str, day: str = "2021-01-01", command=None):
    """A run whose standard streams the shell has changed: `2>/dev/full`, `>&-`."""
    words = " ".join(f"'{word}'" for word in (command or workspace.command(*args, day=day)))
    return workspace.call(["bash", "-c", f"ulimit -c 0; exec {words} {redirections}"])


def records(workspace) -> list[dict]:
    """Oldest first; within a second, run ids say nothing of the order."""
    found = [json.loads(path.read_text()) for path in (workspace.warehouse / "_runs").glob("*.json")]
    return sorted(found, key=lambda record: record["started"])


# ---- standard streams


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", ">/dev/full 2>/dev/full", ">&- 2>&-", "<&- >&- 2>&-"])
def test_unwritable_streams_change_no_exit_code(day, redirection):
    assert shell(day, redirection, day="2021-05-05").code == 66
    assert shell(day, redirection).code == 0
    assert len(day.rows()) == 50
    assert shell(day, redirection, "--no-such-flag").code == 64
    assert shell(day, redirection, "--log-format", "json", "--log-level", "debug", "--output", "json").code == 0


def test_a_result_that_cannot_be_printed_is_told_and_the_day_is_published(day):
    done = shell(day, ">/dev/full")
    assert done.code == 0 and "cannot write to standard output: No space left on device" in done.err
    assert records(day)[0]["status"] == "published"


PRINTING = ["--help", "--version", "manual", "completions bash", "run --help", "config show", "config check", "tables", "test"]


def printing(day, words: str) -> list[str]:
    return [str(BINARY), *words.split(), *(["-c", str(day.config)] if words.startswith(("config", "tables", "test")) else [])]


@pytest.mark.parametrize("words", PRINTING)
def test_a_reader_that_goes_away_is_no_failure(day, words):
    """`movies-etl manual | head -1`: what is left over is nobody's loss, so it ends with 0, and in silence."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(printing(day, words), stdout=writer, stderr=subprocess.PIPE, text=True, timeout=100, env=day.environment())
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_whose_reader_goes_away_ends_as_it_would(day):
    done = shell(day, "| head -c 0; exit ${PIPESTATUS[0]}")
    assert done.code == 0 and "standard output" not in done.err, done.err
    assert len(day.rows()) == 50


@pytest.mark.parametrize("words", PRINTING)
def test_what_only_prints_fails_when_it_cannot(day, words):
    for redirection, reason in [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")]:
        done = shell(day, redirection, command=printing(day, words))
        assert done.code == 3 and done.err == f"error: cannot write to standard output: {reason}\n", redirection


def test_closed_descriptors_lend_no_file_their_numbers(day):
    """With 1 and 2 closed the next files opened get these numbers, and what is printed would go into them."""
    assert shell(day, ">&- 2>&-").code == 0
    for path in day.warehouse.rglob("*"):
        if path.is_file():
            assert b"published as version" not in path.read_bytes() and b" info " not in path.read_bytes(), path


# ---- signals


def wait_for_main(process) -> None:
    """While the system still loads libraries, a signal ends the process before it can do anything about it."""
    latest = time.monotonic() + 30
    while time.monotonic() < latest:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        if int(status.split("SigBlk:")[1].split()[0], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.001)
    pytest.fail("the program does not begin")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_any_moment_ends_with_130_or_a_published_day(workspace, number):
    workspace.write_sql(MANY)
    started = time.monotonic()
    workspace.published()
    whole = time.monotonic() - started
    for step in range(12):
        process = workspace.start()
        wait_for_main(process)
        time.sleep(whole * step / 12)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        published = records(workspace)[-1]["status"] == "published" and "published as version" in out
        assert (process.returncode, published) in ((130, False), (0, True)), err
        assert published or "error: interrupted" in err
        assert workspace.leftovers() == []
    assert len(workspace.rows("movie_id")) == 300000


def test_a_signal_in_the_first_moment_is_answered(workspace):
    """As soon as signals only ask, before a command runs; one in nine was not answered once."""
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    for _ in range(40):
        process = workspace.start("--dry-run")
        wait_for_main(process)
        process.terminate()
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130 and "error: interrupted" in err, err


def test_a_hangup_that_is_ignored_stays_ignored(workspace):
    workspace.write_sql(MANY)
    process = subprocess.Popen(
        ["nohup", *workspace.command()], env=workspace.environment(), cwd=workspace.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_for_main(process)
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err


def endless(workspace) -> None:
    """The transform now holds one expression that lasts for minutes."""
    workspace.own_pipelines()
    workspace.edit("transform.sql", "FROM source", f"FROM source WHERE {ENDLESS}")


def test_an_interrupt_ends_one_long_expression(day):
    endless(day)
    process = day.start_after("reading 1 files")
    time.sleep(0.5)
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert time.monotonic() - asked < 10, "it was ended, not waited for"
    assert "error: interrupted" in err
    assert [r["status"] for r in records(day)] == ["failed"] and records(day)[0]["exit_code"] == 130
    day.edit("transform.sql", f" WHERE {ENDLESS}", "")
    assert day.published()["written"]["rows"] == 50
    assert day.leftovers() == []


# ---- time


def test_a_time_limit_ends_the_run(day):
    endless(day)
    done = day.run("--timeout", "1s", "--output", "json")
    assert done.code == 3, done.err
    assert "it took longer than --timeout allows (1 s)" in done.err + done.out
    assert records(day)[0]["exit_code"] == 3 and "--timeout" in records(day)[0]["error"]["message"]
    assert not (day.table / "_delta_log").exists()


def test_a_time_limit_ends_checks(day):
    checks = day.root / "checks.yml"
    checks.write_text("checks for ratings:\n  - endless = 0:\n      endless query: SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c\n")
    done = day.call([str(BINARY), "check", str(checks), "--dataset", f"ratings={day.day_folder()}", "--timeout", "1s"])
    assert done.code == 3 and "--timeout" in done.err


def test_a_time_limit_that_is_not_reached_changes_nothing(day):
    assert day.run("--timeout", "10m").code == 0


@pytest.mark.parametrize("text", ["0s", "10", "soon", "-1m", "1.5h"])
def test_a_time_limit_that_is_none(day, text):
    done = day.run("--timeout", text)
    assert done.code == 64 and "--timeout" in done.err and text in done.err


# ---- before the data


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("missing_count(timestamp)", "missing_count(timestampp)", "timestampp"),
        ("missing_count(timestamp)", "mising_count(timestamp)", "mising_count"),
        ("'${run_date}'", "'${run_dat}'", "run_dat"),
        ("duplicate_count(movie_id, user_id)", "duplicate_count(movie_id, usr_id)", "usr_id"),
        ("checks for ${table}", "checks for no_such_table", "no_such_table"),
    ],
)
def test_checks_are_understood_before_anything_is_read(workspace, old, new, told):
    workspace.own_pipelines()
    workspace.edit("checks.yaml", old, new)
    done = workspace.run()  # there is no raw folder: who looked for data would end with 66
    assert done.code == 78, done.err
    assert told in done.err and f"{workspace.pipelines}/movie_ratings/checks.yaml:" in done.err


def test_sql_of_checks_is_bound_before_anything_is_read(workspace):
    workspace.own_pipelines()
    with (workspace.pipelines / "movie_ratings/checks.yaml").open("a") as file:
        file.write("  - odd = 0:\n      odd query: SELECT count(*) FROM ${table} WHERE ratng > 3\n")
        file.write("  - duplicate_count(movie_id) = 0:\n      filter: stars > 3\n")
    done = workspace.run()
    assert done.code == 78 and "ratng" in done.err and "stars" in done.err


def test_a_transform_is_bound_before_anything_is_read(workspace):
    workspace.own_pipelines()
    workspace.edit("transform.sql", "  budget,\n", "  budgt,\n")
    assert workspace.run().code == 78


@pytest.mark.parametrize("name", ["transform.sql", "pipeline.yaml", "checks.yaml"])
@pytest.mark.parametrize("how", ["missing", "a folder"])
def test_an_unreadable_file_of_the_pipeline_is_no_missing_day(day, name, how):
    path = day.own_pipelines() / name
    path.unlink()
    if how == "a folder":
        path.mkdir()
    done = day.run()
    assert done.code == 78 and name in done.err


def test_checks_after_the_commit_say_that_the_day_is_published(workspace):
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "gate: before_publish", "gate: after_publish")
    workspace.write_day([{"movie_id": 1, "user_id": 1, "rating": 7.5}])
    done = workspace.run()
    assert done.code == 2
    assert "CHECKS FAILED after publishing version 1" in done.out and "after the day was published" in done.err
    assert "nothing" not in done.out.lower()


# ---- threads, places


@pytest.mark.parametrize("flags", [["--threads", "99999"], ["--set", "engine.threads=99999"]])
def test_too_many_threads_are_refused(day, flags):
    done = day.run(*flags)
    assert done.code == (64 if flags[0] == "--threads" else 78)
    assert "99999 threads are too many: at most" in done.err and "processors" in done.err


@pytest.mark.parametrize(
    "place",
    [
        "${LAKE}/wh", "$LAKE/wh", "lake-$(date)/wh", "{{ lake }}/wh", "{% raw %}/wh", "%LAKE%\\wh", "<your-bucket>/wh", "s3://<bucket>/wh",
        "file:/nowhere/wh", "file:///nowhere/wh", "hdfs:/lake/wh", "hdfs://host/wh", "dbfs:/lake", "S3://bucket/wh", "s3a://bucket/wh",
        "s3:/bucket/wh", "s3:///wh", "C:\\lake\\wh", "C:/lake/wh", "\\\\server\\share", "~/lake", " /lake", "/lake\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["data.curated.location", "data.raw.location"])
def test_places_that_were_never_filled_in_are_refused(day, key, place):
    before = sorted(os.listdir(day.root))
    done = day.run("--set", f"{key}={place}")
    assert done.code == 78, done.err
    assert key in done.err
    assert sorted(os.listdir(day.root)) == before


@pytest.mark.parametrize("place", ["${LAKE}/x.parquet", "file:/lake", "C:\\lake"])
def test_places_of_flags_are_refused_too(day, place):
    checks = day.root / "checks.yml"
    checks.write_text("checks for ratings:\n  - row_count >= 0\n")
    dataset = f"ratings={day.day_folder()}"
    assert day.call([str(BINARY), "check", str(checks), "--dataset", f"ratings={place}"]).code == 78
    assert day.call([str(BINARY), "check", str(checks), "--dataset", dataset, "--history", place]).code == 78
    assert day.call([str(BINARY), "generate", "--rows", "1", "--days", "2021-01-01", "--output", place]).code == 78
    assert sorted(os.listdir(day.root)) == ["app_config.yaml", "checks.yml", "raw"]


@pytest.mark.parametrize("folder", ["", "/nonexistent/x"])
def test_a_run_that_spills_nothing_needs_no_temporary_folder(day, folder):
    done = day.call(day.command(), env={"TMPDIR": folder})
    assert done.code == 0, done.err


# ---- limits of the system


def test_a_size_limit_of_files_is_no_signal(workspace):
    workspace.write_sql(MANY)
    words = " ".join(workspace.command())
    done = workspace.call(["bash", "-c", f"ulimit -c 0; ulimit -f 100; exec {words}"])
    assert done.code == 3, done.err
    assert "File too large" in done.err and "ulimit -f" in done.err and "Nothing was published" in done.err


def test_a_raw_file_without_rights_is_not_called_cut_short(day):
    if os.getuid() == 0:
        rights = "-dac_override,-dac_read_search"
        plain = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"]
        if not shutil.which("setpriv") or day.call([*plain, "true"]).code != 0:
            pytest.skip("LOUD: this machine's root cannot give up its rights")
    else:
        plain = []
    (day.day_folder() / "part-00000.parquet").chmod(0)
    done = day.call([*plain, *day.command()])
    assert done.code == 3
    assert "Permission denied" in done.err and "right" in done.err and "cut short" not in done.err


def test_too_few_descriptors_are_named(day):
    for number in range(30):
        shutil.copy(day.day_folder() / "part-00000.parquet", day.day_folder() / f"more-{number:05}.parquet")
    words = " ".join(day.command())
    done = day.call(["bash", "-c", f"ulimit -n 8; exec {words}"])
    assert done.code == 3, done.err
    assert "Too many open files" in done.err and "ulimit -n" in done.err and "cut short" not in done.err


def test_no_stack_trace_of_rust_reaches_the_user(day):
    day.published()
    day.published()
    checkpoint = day.table / "_delta_log" / f"{1:020}.checkpoint.parquet"
    checkpoint.write_bytes(b"PAR1 no checkpoint at all PAR1")
    done = day.call(day.command(), env={"RUST_BACKTRACE": "full", "RUST_LIB_BACKTRACE": "1"})
    assert "stack backtrace" not in done.err and "/rustc/" not in done.err and len(done.err) < 2000, done.err


def test_a_record_that_cannot_be_written_is_a_warning(day):
    day.warehouse.mkdir()
    (day.warehouse / "_runs").write_text("in the way")
    done = day.run()
    assert done.code == 0 and "is kept on this machine until a run can deliver it" in done.err
    assert len(day.rows()) == 50
