"""How runs are told: records of every end, the last line of the log, `runs`, progress."""

import datetime
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from conftest import BINARY

TERMINATION = Path("/dev/termination-log")


def records(workspace):
    return [json.loads(path.read_text()) for path in sorted(workspace.warehouse.glob("_runs/*.json"))]


def spooled(workspace):
    return sorted((workspace.state / "movies-etl/spool").glob("*.json"))


def outcome(done):
    """The last line of a log of JSON, the only one of its kind."""
    lines = [json.loads(line) for line in done.err.splitlines()]
    assert [line.get("event") for line in lines].count("outcome") == 1 and lines[-1]["event"] == "outcome", done.err
    return lines[-1]


def runs(workspace, *args):
    return workspace.call([str(BINARY), "runs", *args, "-c", str(workspace.config)])


@pytest.fixture
def day(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}, {"movie_id": 2, "user_id": 1}])
    return workspace


def test_the_log_of_a_good_run_closes_with_its_outcome(day):
    done = day.run("--log-format", "json", "--output", "json")
    end = outcome(done)
    run = done.json["runs"][0]
    assert (end["level"], end["status"], end["exit_code"], end["version"], end["rows"]) == ("info", "published", 0, run["version"], 2)
    assert end["run_id"] == run["run_id"] and isinstance(end["seconds"], float) and end["execution_date"] == "2021-01-01"


@pytest.mark.parametrize("command", [["run", "--execution-date", "2021-01-01"], ["backfill", "2021-01-01"]])
def test_the_log_of_a_bad_run_says_what_to_do(day, command):
    (day.day_folder() / "part-00000.parquet").write_bytes(b"no Parquet")
    end = outcome(day.call([str(BINARY), *command, "-c", str(day.config), "--log-format", "json"]))
    assert (end["level"], end["status"], end["exit_code"], end["version"], end["rows"]) == ("error", "failed", 3, None, 0)
    assert end["cause"] == "bad_input" and "part-00000.parquet" in end["error"] and end["hint"]


def test_lines_of_text_carry_date_and_zone(day):
    done = day.run()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (info|warning|error) ", line) for line in done.err.splitlines()), done.err
    assert "exit 0: 2021-01-01 published as version 1, 2 rows" in done.err.splitlines()[-1]


def test_a_configuration_that_cannot_be_read_leaves_a_record_that_the_next_run_delivers(day):
    good = day.config.read_text()
    day.config.write_text(good.replace("location:", "locatoin:"))
    done = day.run("--log-format", "json")
    assert done.code == 78 and outcome(done)["cause"] == "configuration"
    assert len(spooled(day)) == 1 and oct(spooled(day)[0].stat().st_mode & 0o777) == "0o600"
    day.config.write_text(good)
    waiting = runs(day, "list")
    assert waiting.code == 0 and "not delivered yet" in waiting.out and "configuration" in waiting.out
    assert day.run().code == 0
    assert spooled(day) == [] and sorted((r["status"], r["exit_code"]) for r in records(day)) == [("failed", 78), ("published", 0)]


def test_a_record_goes_to_no_other_warehouse(day, tmp_path):
    day.config.write_text(day.config.read_text() + "  bogus: 1\n")
    assert day.run().code == 78 and len(spooled(day)) == 1
    other = day.root / "other.yaml"
    other.write_text(day.config.read_text().replace("  bogus: 1\n", "").replace("location: warehouse", "location: elsewhere"))
    done = day.call([str(BINARY), "run", "--execution-date", "2021-01-01", "-c", str(other)])
    assert done.code == 0 and len(spooled(day)) == 1 and len(list((day.root / "elsewhere/_runs").glob("*.json"))) == 1


def test_a_catalog_that_is_down_leaves_a_record_in_the_warehouse(day):
    done = day.run("--set", "catalog.kind=hive", "--set", "catalog.hive.uri=thrift://127.0.0.1:9", "--log-format", "json")
    assert done.code == 3 and outcome(done)["cause"] == "unreachable"
    assert [(r["status"], r["error"]["cause"], r["execution_date"]) for r in records(day)] == [("failed", "unreachable", "2021-01-01")]
    assert spooled(day) == []


def test_a_warehouse_that_cannot_be_written_leaves_the_record_here(day):
    day.warehouse.write_text("a file where a folder should be")
    assert day.run().code != 0
    assert len(spooled(day)) == 1
    day.warehouse.unlink()
    assert day.run().code == 0
    assert spooled(day) == [] and sorted(r["status"] for r in records(day)) == ["failed", "published"]


def test_runs_are_listed_and_shown(day):
    first = day.published()
    (day.day_folder() / "part-00000.parquet").write_bytes(b"no Parquet")
    assert day.run().code == 3
    listed = runs(day, "list", "--output", "json").json["runs"]
    assert [r["status"] for r in listed] == ["failed", "published"], "newest first"
    assert [r["status"] for r in runs(day, "list", "--status", "failed", "--output", "json").json["runs"]] == ["failed"]
    tomorrow = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).date().isoformat()
    assert runs(day, "list", "--since", tomorrow, "--output", "json").json["runs"] == []
    shown = runs(day, "show", first["run_id"])
    assert "status       published (exit 0)" in shown.out and "steps        bind" in shown.out
    again = next(line for line in shown.out.splitlines() if line.startswith("again")).split(maxsplit=1)[1]
    assert again.startswith("movies-etl run --execution-date 2021-01-01 --pipeline movie_ratings --config-file-path ")
    failed = runs(day, "show", listed[0]["run_id"])
    assert "error        bad_input: " in failed.out and "hint " in failed.out
    assert runs(day, "show", "20210101T000000-00000000").code == 64
    assert runs(day, "show", first["run_id"], "--output", "json").json["run_id"] == first["run_id"]


def test_the_command_in_a_record_runs_the_day_again_and_holds_no_secret(day):
    secret = "s3cretvalue-0815"
    report = day.published("--set", f"storage.s3.secret_access_key={secret}", "--set", "storage.s3.access_key_id=AKIA0815", "--threads", "1")
    assert secret not in report["command"] and "--threads 1" in report["command"]
    plain = day.published()["command"].split()
    assert day.call([str(BINARY), *plain[1:]]).code == 0


@pytest.mark.skipif(os.geteuid() != 0 or TERMINATION.exists(), reason="LOUD: only root can make /dev/termination-log")
def test_kubernetes_is_told_why(day):
    TERMINATION.touch()
    try:
        (day.day_folder() / "part-00000.parquet").write_bytes(b"no Parquet")
        day.run()
        told = json.loads(TERMINATION.read_text())
    finally:
        TERMINATION.unlink()
    assert (told["exit_code"], told["cause"]) == (3, "bad_input")


@pytest.mark.parametrize("columns", [20, 50, 80, 200])
@pytest.mark.parametrize("command", [["run", "--execution-date"], ["backfill", "--jobs=2"]])
def test_progress_never_goes_back_and_fits_the_terminal(workspace, columns, command):
    days = ["2021-01-01", "2021-01-02", "2021-01-03"]
    for each in days:
        workspace.write_day([{"movie_id": n, "user_id": n} for n in range(50)], each)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    words = [str(BINARY), *command, f"{days[0]}..{days[-1]}", "-c", str(workspace.config), "--log-level", "error"]
    process = subprocess.Popen(words, env=workspace.environment(TERM="xterm", NO_COLOR="1"), stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    text = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        text += part
    os.close(master)
    assert process.wait() == 0
    drawn = [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).strip() for line in re.split(r"[\r\n]+", text.decode())]
    lines = [line for line in drawn if "%" in line]
    percents = [int(re.search(r"(\d+)%", line).group(1)) for line in lines]
    assert percents == sorted(percents) and percents[-1] == 100, percents
    assert all(len(line) <= columns for line in lines), lines
    assert any("day 2 of 3"[: columns - 6] in line for line in lines)


def metrics(workspace):
    text = (workspace.root / "metrics/movies_etl_movie_ratings.prom").read_text()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))}


def test_prometheus_is_told_of_each_run(day):
    told = ["--set", f"observe.prometheus.folder={day.root}/metrics"]
    labels = '{pipeline="movie_ratings",table="default.movie_ratings_curated"}'
    report = day.published(*told)
    good = metrics(day)
    assert good[f"movies_etl_last_run_rows_written{labels}"] == 2 and good[f"movies_etl_last_run_exit_code{labels}"] == 0
    assert good['movies_etl_last_run_checks{pipeline="movie_ratings",table="default.movie_ratings_curated",outcome="pass"}'] == report["checks"]["summary"]["passed"]
    (day.day_folder() / "part-00000.parquet").write_bytes(b"no Parquet")
    assert day.run(*told).code == 3
    bad = metrics(day)
    assert bad[f"movies_etl_last_run_exit_code{labels}"] == 3 and bad[f"movies_etl_last_run_rows_written{labels}"] == 0
    success = f"movies_etl_last_success_timestamp_seconds{labels}"
    assert bad[success] == good[success] and bad[f"movies_etl_last_run_timestamp_seconds{labels}"] > good[success]
    assert [p.name for p in (day.root / "metrics").iterdir()] == ["movies_etl_movie_ratings.prom"]


def test_an_observer_that_cannot_be_told_is_a_warning(day):
    (day.root / "metrics").write_text("a file")
    done = day.run("--set", f"observe.prometheus.folder={day.root}/metrics")
    assert done.code == 0 and "Prometheus is not told of this run" in done.err
