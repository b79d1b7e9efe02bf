"""`validate` finds the mistakes of all files of all pipelines at once, before there is data."""

import json

import pytest
from conftest import BINARY
from inputs import pipeline


def validate(workspace, *names):
    return workspace.call([str(BINARY), "validate", "--config-file-path", str(workspace.config), *names])


def findings(workspace, *names) -> dict:
    done = validate(workspace, "--output", "json", *names)
    return {one["what"]: one for one in done.json["findings"]} | {"code": done.code}


def test_the_shipped_pipelines_are_right(workspace):
    workspace.own_pipelines()
    done = validate(workspace)
    assert done.code == 0, done.out
    for what in ("pipeline movie_ratings", "movie_ratings: table", "movie_ratings: transform", "movie_ratings: checks", "movie_ratings: tests"):
        assert f"ok      {what} " in done.out, done.out
    assert not workspace.warehouse.exists() and not workspace.raw.exists()


def test_all_mistakes_of_all_files_are_told_at_once(workspace):
    workspace.own_pipelines()
    workspace.edit("transform.sql", "budget", "budgett")
    workspace.edit("checks.yaml", "row_count > 0", "row_cuont > 0")
    workspace.edit("checks.yaml", "missing_count(timestamp)", "missing_count(timestamps)")
    workspace.edit("pipeline.yaml", "key: [movie_id, user_id]", "key: [movie_id, user]")
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k, ${x} FROM source", more={"source": {"format": "xml"}, "target": {"partition": "k"}})
    found = findings(workspace)
    assert found["code"] == 78
    assert found["pipeline movie_ratings"]["error"].endswith("'dedupe.key' names column 'user', which is not declared.")
    told = found["pipeline p"]["error"]
    assert told.count("\n") == 2, told
    for text in ("'source.format' must be one of parquet, csv, json, not 'xml'", "transform.sql:1:11: unknown variable 'x'", "partition column 'k' must be declared in target.columns as string"):
        assert text in told
    workspace.edit("pipeline.yaml", "key: [movie_id, user]", "key: [movie_id, user_id]")
    found = findings(workspace, "movie_ratings")
    assert "pipeline p" not in found
    assert "budgett" in found["movie_ratings: transform"]["error"]
    told = found["movie_ratings: checks"]["error"]
    assert "row_cuont" in told and "timestamps" in told and "checks.yaml:" in told


def test_a_test_that_is_wrong(workspace):
    workspace.own_pipelines()
    (workspace.pipelines / "movie_ratings" / "tests" / "wrong.yaml").write_text("- name: a\n  given: {source: [{movie_idd: 1}]}\n  expect: {count: 1}\n")
    found = findings(workspace)
    assert found["code"] == 78 and "wrong.yaml:2:" in found["movie_ratings: tests"]["error"] and "movie_idd" in found["movie_ratings: tests"]["error"], found


def test_a_table_that_does_not_agree(workspace):
    workspace.own_pipelines()
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published()
    workspace.edit("pipeline.yaml", "budget: {type: bigint, comment: US dollars}", "budget: {type: int, comment: US dollars}")
    found = findings(workspace)
    assert found["code"] == 3 and "budget: bigint in the table, int in the pipeline" in found["movie_ratings: table"]["error"], found


def test_an_input_that_is_not_there(workspace):
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source JOIN t USING (k)", more={"inputs": {"t": {"table": "marts.none"}}})
    found = findings(workspace)
    assert found["code"] == 78 and "inputs.t: there is no table marts.none" in found["p: transform"]["error"], found


def test_two_pipelines_of_one_table(workspace):
    for name in ("p", "q"):
        pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source")
        if name == "p":
            (workspace.pipelines / "p").rename(workspace.pipelines / "q")
    found = findings(workspace)
    assert found["code"] == 78 and "is the table of pipeline 'p' too" in found["q: table"]["error"], found


@pytest.mark.parametrize(("names", "said"), [(["none"], "there is no pipeline 'none'"), (["movie_rating"], "Did you mean 'movie_ratings'?")])
def test_a_pipeline_that_is_not_there(workspace, names, said):
    workspace.own_pipelines()
    found = findings(workspace, *names)
    assert found["code"] == 78 and said in found[f"pipeline {names[0]}"]["error"], json.dumps(found)
