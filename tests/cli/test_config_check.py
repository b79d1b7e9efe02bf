"""`config check`: what the settings lead to, tried without writing anything; every fault is told, none hides another."""

import json

import pytest
from conftest import BINARY

COLUMNS = "{a: bigint}"


def listing(folder):
    return sorted(str(path) for path in folder.rglob("*"))


@pytest.fixture
def day(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    return workspace


def check(workspace, *args):
    return workspace.call([str(BINARY), "config", "check", "--config-file-path", str(workspace.config), *args])


def findings(done):
    return {one["what"]: one for one in json.loads(done.out)["findings"]}


def second_pipeline(workspace, checks="row_count > 0", select="SELECT a FROM source"):
    workspace.add_pipeline("other", COLUMNS, "{a: bigint, day: string}", select, checks)
    path = workspace.pipelines / "other/pipeline.yaml"
    path.write_text(path.read_text().replace("target:\n", "target:\n  table: default.other\n"))
    return path


def test_all_works_and_nothing_is_written(day):
    second_pipeline(day)
    before = listing(day.root)
    done = check(day)
    assert done.code == 0, done.err + done.out
    assert {line.split()[0] for line in done.out.splitlines()} == {"ok"}
    for name in ["movie_ratings", "other"]:
        for part in ["table", "transform", "checks"]:
            assert f"{name}: {part}" in done.out
    assert "the first run makes it" in done.out and "DuckDB" in done.out
    assert listing(day.root) == before
    assert day.run().code == 0
    done = check(day)
    assert done.code == 0 and "version 1" in done.out, done.out


def test_each_fault_is_told_with_what_to_do(workspace):
    done = check(workspace, "--pipeline", "movie_rating", "--output", "json")
    assert done.code == 78, done.err + done.out
    found = findings(done)
    assert "there is no pipeline 'movie_rating'" in found["pipeline movie_rating"]["error"]
    assert "is not a folder" in found["data.raw.location"]["error"]
    assert "Correct data.raw.location" in found["data.raw.location"]["hint"]
    assert found["engine duckdb"]["ok"] and found["catalog filesystem"]["ok"]


def test_all_pipelines_are_bound_as_a_run_binds_them(day):
    second_pipeline(day, "row_cuont > 0; missing_count(b) = 0", "SELECT a + FROM source")
    day.edit("checks.yaml", "checks for", "checks fro")
    done = check(day, "--output", "json")
    assert done.code == 78, done.err + done.out
    found = findings(done)
    failed = {what for what, one in found.items() if not one["ok"]}
    assert failed == {"movie_ratings: checks", "other: transform", "other: checks"}
    checks = found["other: checks"]["error"]
    assert "checks.yaml:2" in checks and "row_cuont" in checks, "the first fault of the file"
    assert "checks.yaml:3" in checks and "'b'" in checks, "and the second"
    assert "transform.sql" in found["other: transform"]["error"]
    assert "checks.yaml:7" in found["movie_ratings: checks"]["error"]
    # What it says is what a run says, and a pipeline may be tried alone.
    run = day.run("--pipeline", "other")
    assert run.code == 78 and found["other: transform"]["error"].splitlines()[0] in run.err
    done = check(day, "--pipeline", "other")
    assert done.code == 78 and "movie_ratings" not in done.out.replace("movie_ratings_curated", "")


def test_a_table_has_one_pipeline(day):
    path = second_pipeline(day)
    path.write_text(path.read_text().replace("default.other", "default.movie_ratings_curated"))
    done = check(day, "--output", "json")
    assert done.code == 78, done.out
    other = findings(done)["other: table"]
    assert f"{path}:6:10: target.table" in other["error"] and "'movie_ratings'" in other["error"]


def test_a_table_of_another_pipeline_or_another_form(day):
    assert day.run().code == 0
    day.own_pipelines()
    day.edit("pipeline.yaml", "original_title: string", "original_title: bigint")
    (day.pipelines / "movie_ratings").rename(day.pipelines / "renamed")
    done = check(day, "--output", "json")
    assert done.code == 78, done.out
    assert "movie_ratings" in findings(done)["renamed: table"]["error"]


def test_no_pipelines_at_all(day):
    (day.root / "none").mkdir()
    done = check(day, "--set", f"pipelines.location={day.root / 'none'}")
    assert done.code == 78 and "holds a pipeline.yaml" in done.out and "Correct pipelines.location" in done.out


def test_a_server_that_is_not_there_fails_alone(day):
    done = check(day, "--set", "catalog.kind=hive", "--set", "catalog.hive.uri=thrift://127.0.0.1:1")
    assert done.code == 3, done.err + done.out
    failed = [line for line in done.out.splitlines() if line.startswith("failed")]
    assert len(failed) == 1 and "catalog hive" in failed[0] and "127.0.0.1" in failed[0]
    assert "movie_ratings: checks" in done.out, "the checks are tried all the same"


def test_a_store_that_is_not_there_fails_alone(day):
    env = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    done = day.call(
        [str(BINARY), "config", "check", "--config-file-path", str(day.config), "--output", "json"]
        + ["--set", "data.raw.location=s3://bucket/raw", "--set", "storage.s3.allow_http=true", "--set", "storage.s3.region=x", "--timeout", "100s"],
        env=env,
    )
    found = findings(done)
    assert done.code == 3, done.err + done.out
    assert [what for what, one in found.items() if not one["ok"]] == ["data.raw.location"]
    assert found["movie_ratings: checks"]["ok"]
