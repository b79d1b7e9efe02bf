"""One table, one pipeline; and what a pipeline says itself of where it reads and writes."""

import json
import shutil

import pytest


@pytest.fixture
def two(workspace):
    """Pipelines `movie_ratings` and `other`, which by the settings write the same table."""
    home = workspace.own_pipelines()
    shutil.copytree(home, home.parent / "other")
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    return workspace


def owner(workspace):
    return workspace.delta().metadata().configuration.get("movies-etl.pipeline")


def forget_owner(workspace):
    """The table as earlier versions of this program made it."""
    first = workspace.table / "_delta_log/00000000000000000000.json"
    actions = [json.loads(line) for line in first.read_text().splitlines()]
    for action in actions:
        action.get("metaData", {"configuration": {}})["configuration"].pop("movies-etl.pipeline", None)
    first.write_text("".join(json.dumps(action) + "\n" for action in actions))
    assert owner(workspace) is None


@pytest.mark.parametrize("flags", [[], ["--dry-run"], ["--evolve"]])
def test_a_table_of_another_pipeline_is_refused_naming_both(two, flags):
    two.published()
    assert owner(two) == "movie_ratings"
    before = sorted(two.table.rglob("*"))
    done = two.run("--pipeline", "other", *flags)
    assert done.code == 78, done.err
    assert "belongs to pipeline 'movie_ratings', and pipeline 'other' was to write it" in done.err and "--take-over" in done.err
    assert sorted(two.table.rglob("*")) == before and two.rows("movie_id") == [(1,)]


def test_it_is_taken_over_for_good_in_the_commit_that_writes_it(two):
    two.published()
    taken = two.published("--pipeline", "other", "--take-over")
    assert taken["version"] == 2 and owner(two) == "other"
    done = two.run()
    assert done.code == 78 and "belongs to pipeline 'other'" in done.err, done.err
    assert two.published("--pipeline", "other", "--take-over")["version"] == 3
    assert two.delta().metadata().configuration["delta.autoOptimize.autoCompact"] == "true", "other properties stay"


def test_a_table_of_an_earlier_version_is_its_newest_commits(two):
    two.published()
    forget_owner(two)
    done = two.run("--pipeline", "other")
    assert done.code == 78 and "belongs to pipeline 'movie_ratings'" in done.err, done.err
    assert two.published()["version"] == 2 and owner(two) == "movie_ratings"


def test_a_table_that_no_pipeline_wrote_is_adopted(two):
    two.published()
    forget_owner(two)
    entry = two.table / "_delta_log/00000000000000000001.json"
    entry.write_text(entry.read_text().replace("movies-etl 0", "somebody 0"))
    two.published("--pipeline", "other")
    assert owner(two) == "other"


def test_the_owner_outlives_the_log(two):
    two.published()
    two.delta().create_checkpoint()
    for entry in (two.table / "_delta_log").glob("*.json"):
        entry.unlink()
    done = two.run("--pipeline", "other")
    assert done.code == 78 and "belongs to pipeline 'movie_ratings'" in done.err, done.err


def test_a_pipeline_may_name_its_table_and_its_source(two):
    two.pipelines = two.pipelines  # the copy
    path = two.pipelines / "other/pipeline.yaml"
    text = path.read_text().replace("source:\n", "source:\n  location: elsewhere/raw\n").replace("target:\n", "target:\n  table: default.other_ratings\n")
    path.write_text(text)
    two.published()
    raw = two.raw
    two.raw = two.root / "elsewhere/raw"
    two.write_day([{"movie_id": 7, "user_id": 1}])
    report = two.published("--pipeline", "other")
    assert report["table"] == "default.other_ratings" and report["location"] == str(two.warehouse / "other_ratings")
    assert report["source"]["folder"].startswith(str(two.raw))
    # A flag is nearer than the pipeline's file.
    flagged = two.published("--pipeline", "other", "--set", "data.curated.table=default.third", "--set", f"data.raw.location={raw}")
    assert flagged["table"] == "default.third" and flagged["source"]["folder"].startswith(str(raw))
    done = two.call([*two.command(day=None)[:1], "check", "--config-file-path", str(two.config), "--pipeline", "other", "--execution-date", "2021-01-01"])
    assert "other_ratings" in done.out, done.out + done.err
    done = two.call([*two.command(day=None)[:1], "clean-staged", "--config-file-path", str(two.config), "--pipeline", "other"])
    assert done.code == 0 and str(two.warehouse / "other_ratings") in done.out, done.err


@pytest.mark.parametrize(
    "old,new,message",
    [
        ("target:\n", "target:\n  table: ratings\n", "'target.table' is 'ratings', which is not a table's name"),
        ("target:\n", "target:\n  table: a.b/../c\n", "'target.table' is 'a.b/../c', which is not a table's name"),
        ("source:\n", "source:\n  location: ftp://host/raw\n", "no store is known for ftp://"),
        ("source:\n", "source:\n  location: ''\n", "'source.location' must be a text"),
    ],
)
def test_names_that_mean_nothing_are_refused_where_they_stand(two, old, new, message):
    two.edit("pipeline.yaml", old, new)
    done = two.run()
    assert done.code == 78 and message in done.err and "pipeline.yaml" in done.err, done.err
