"""Twelve nights in which something goes wrong: what exit code, record, last line of the log, notification and plan say."""

import json
import os
import signal
from dataclasses import dataclass, field

import pytest

from conftest import BINARY, RAW_COLUMNS
from observers import web_server

DAY = "2021-01-01"
ROWS = [{"movie_id": n, "user_id": n} for n in range(20)]


@dataclass
class Night:
    """What goes wrong, and what is to be said of it."""

    code: int
    cause: str | None
    plan: str | None  # the state of the day; None: the plan itself cannot be made, for the same cause
    told: str = "failed"  # the outcome under which an observer is told
    flags: list = field(default_factory=list)
    status: str = "failed"
    kept_here: bool = False  # the record, until a run can deliver it
    file_limit: int | None = None
    before: list = field(default_factory=list)  # of the command


def land(workspace):
    workspace.write_day(ROWS)


def missing_day(workspace):
    workspace.raw.mkdir()
    return Night(66, "input_missing", "not landed", told="not_landed")


def half_landed_day(workspace):
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "source:\n", "source:\n  ready:\n    file: _SUCCESS\n")
    land(workspace)
    return Night(66, "input_missing", "not landed", told="not_landed")


def no_rights(workspace):
    land(workspace)
    (workspace.day_folder() / "part-00000.parquet").chmod(0)
    rights = "-dac_override,-dac_read_search"
    plain = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"] if os.getuid() == 0 else []
    if plain and workspace.call([*plain, "true"]).code != 0:
        pytest.skip("LOUD: root cannot give up its rights here; this was not tested")
    return Night(3, "no_rights", "failed", before=plain)


def failing_check(workspace):
    workspace.own_pipelines()
    workspace.edit("checks.yaml", "row_count > 0", "row_count > 1000")
    land(workspace)
    return Night(2, None, "refused (checks)", told="refused", status="checks_failed")


def changed_schema(workspace):
    workspace.write_day(ROWS, columns={**RAW_COLUMNS, "movie_id": "VARCHAR"})
    return Night(3, "bad_input", "failed")


def full_disk(workspace):
    workspace.write_sql(
        "SELECT i AS movie_id, i AS user_id, 4::FLOAT AS rating, i AS timestamp, md5(i::VARCHAR) AS original_title, 'en' AS original_language, i AS budget, "
        "false AS adult, NULL::STRUCT(id BIGINT, name VARCHAR)[] AS genres FROM range(100000) t(i)"
    )
    return Night(3, "no_space", "failed", file_limit=1 << 20)


def store_down(workspace):
    land(workspace)
    keys = {"storage.s3.endpoint": "http://127.0.0.1:9", "storage.s3.allow_http": "true", "storage.s3.access_key_id": "none", "storage.s3.secret_access_key": "none"}
    settings = {**keys, "data.curated.location": "s3://nobody/warehouse"}
    return Night(3, "unreachable", None, flags=[word for key, value in settings.items() for word in ("--set", f"{key}={value}")], kept_here=True)


def metastore_down(workspace):
    land(workspace)
    return Night(3, "unreachable", None, flags=["--set", "catalog.kind=hive", "--set", "catalog.hive.uri=thrift://127.0.0.1:9"])


def spark_down(workspace):
    land(workspace)
    return Night(3, "unreachable", "failed", flags=["--set", "engine.name=spark", "--set", "engine.spark.remote=sc://127.0.0.1:9"])


def corrupt_file(workspace):
    land(workspace)
    path = workspace.day_folder() / "part-00000.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    return Night(3, "bad_input", "failed")


def mistyped_key(workspace):
    land(workspace)
    workspace.config.write_text(workspace.config.read_text().replace("location: raw", "loction: raw"))
    return Night(78, "configuration", None, kept_here=True)


NIGHTS = [missing_day, half_landed_day, no_rights, failing_check, changed_schema, full_disk, store_down, metastore_down, spark_down, corrupt_file, mistyped_key]


def plan(workspace, *flags):
    return workspace.call([str(BINARY), "plan", DAY, "-c", str(workspace.config), "--output", "json", *flags])


@pytest.mark.parametrize("wrong", NIGHTS)
def test_a_night_is_told_truly(workspace, wrong):
    with web_server() as web:
        a_night_is_told_truly(workspace, wrong, web)


def a_night_is_told_truly(workspace, wrong, web):
    night = wrong(workspace)
    observed = ["--set", f"observe.webhook.url={web.url}"]
    command = [*night.before, *workspace.command("--log-format", "json", *night.flags, *observed)]
    done = workspace.call(command, file_limit=night.file_limit)
    if wrong is spark_down and "no Spark engine" in done.err:
        pytest.skip("LOUD: this build has no Spark engine")
    assert done.code == night.code, done.err

    lines = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    assert [line.get("event") for line in lines].count("outcome") == 1, done.err
    end = lines[-1]
    assert (end["event"], end["exit_code"], end["status"], end.get("cause"), end["level"]) == ("outcome", night.code, night.status, night.cause, "error")
    assert night.cause is None or end["error"]

    here = list((workspace.state / "movies-etl/spool").glob("*.json"))
    there = list(workspace.warehouse.glob("_runs/*.json"))
    assert (len(here), len(there)) == ((1, 0) if night.kept_here else (0, 1)), done.err
    record = json.loads(json.loads(here[0].read_text())["record"]) if night.kept_here else json.loads(there[0].read_text())
    assert (record["status"], record["exit_code"], record["execution_date"], record["published"]) == (night.status, night.code, DAY, False)
    assert record.get("error", {}).get("cause") == night.cause and record["run_id"] == end["run_id"]

    said = plan(workspace, *night.flags)
    if night.plan is None:
        assert said.code == night.code and said.json["cause"] == night.cause, said.err
    else:
        assert said.code == 0 and said.json["days"][0]["state"] == night.plan, said.out
    assert workspace.leftovers() == []

    assert [(one.json["outcome"], one.json["run_id"], one.json["cause"]) for one in web.received] == [(night.told, end["run_id"], night.cause)], done.err
    assert workspace.call(command, file_limit=night.file_limit).code == night.code
    assert len(web.received) == 1, "the same night is not told twice"


def test_a_concurrent_run(workspace):
    """The twelfth: both end well, the last to publish stands, and neither is mistaken for dead."""
    workspace.write_sql(
        "SELECT i AS movie_id, i AS user_id, 4::FLOAT AS rating, i AS timestamp, 'T' AS original_title, 'en' AS original_language, i AS budget, "
        "false AS adult, NULL::STRUCT(id BIGINT, name VARCHAR)[] AS genres FROM range(2000000) t(i)"
    )
    first = workspace.start_staging("--log-format", "json")
    first.send_signal(signal.SIGSTOP)
    assert plan(workspace).json["days"][0]["state"] == "running"
    second = workspace.published()
    first.send_signal(signal.SIGCONT)
    out, err = first.communicate(timeout=100)
    end = json.loads(err.splitlines()[-1])
    assert first.returncode == 0 and end["event"] == "outcome" and end["version"] > second["version"], err
    day = plan(workspace).json["days"][0]
    assert (day["state"], day["version"], day["rows"]) == ("published", end["version"], 2000000)
    assert len(list(workspace.warehouse.glob("_runs/*.json"))) == 2 and workspace.leftovers() == []
