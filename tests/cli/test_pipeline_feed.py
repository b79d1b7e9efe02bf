"""The section `feed` of pipeline.yaml: the parser and pipeline.schema.json know the same keys and words, and what cannot stand there is 78."""

import copy
import json
import re

import pytest
from inputs import pipeline
from test_pipeline_schema import SCHEMA, places
from test_pipeline_wrong import OTHERS, fits, keys

COLUMNS = {"k": "bigint", "at": "bigint"}
FEED = {
    "brokers": "127.0.0.1:1",
    "topics": ["orders", "returns"],
    "format": "json",
    "event_time": "at",
    "event_time_unit": "ms",
    "zone": "Europe/Berlin",
    "roll": {"bytes": "1MB", "every": "10s"},
    "max_rejected": 10,
    "columns": {"from_offset": "offset"},
    "kafka": {"client.id": "tests"},
}
KEYS = [(path, schema) for path, schema in keys(SCHEMA, {"feed": FEED}) if len(path) > 1]


def tried(workspace, feed):
    pipeline(workspace, COLUMNS, {"k": "bigint"}, "SELECT k FROM source", more={"feed": copy.deepcopy(feed)}) if not (workspace.root / "pipelines").exists() else None
    path = workspace.pipelines / "p" / "pipeline.yaml"
    path.write_text(json.dumps({**json.loads(path.read_text()), "feed": feed}, indent=1))
    return workspace.run("--pipeline", "p")


def changed(path, value):
    feed = copy.deepcopy(FEED)
    place = {"feed": feed}
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return feed


def test_the_example_is_right(workspace):
    done = tried(workspace, FEED)
    assert done.code == 66 and "does not exist" in done.err, done.err


@pytest.mark.parametrize(("path", "schema"), list(places(SCHEMA["properties"]["feed"], FEED, ("feed",))), ids=lambda value: ".".join(value) if isinstance(value, tuple) else "")
def test_the_parser_knows_the_keys_of_the_schema(workspace, path, schema):
    done = tried(workspace, changed((*path, "surely_unknown"), "x"))
    assert done.code == 78 and "unknown key" in done.err, done.err
    assert set(re.search(r"Known keys here: (.*)\.", done.err).group(1).split(", ")) == set(schema["properties"])


@pytest.mark.parametrize("path", [("format",), ("event_time_unit",), ("columns", "from_offset")])
def test_the_parser_knows_the_words_of_the_schema(workspace, path):
    schema = SCHEMA["properties"]["feed"]["properties"][path[0]]
    words = schema.get("enum") or schema["additionalProperties"]["enum"]
    done = tried(workspace, changed(("feed", *path), "surely_unknown"))
    assert done.code == 78 and f"must be one of {', '.join(words)}, not" in done.err, done.err


@pytest.mark.parametrize("key", SCHEMA["properties"]["feed"]["required"])
def test_what_the_schema_requires_is_required(workspace, key):
    done = tried(workspace, {k: v for k, v in FEED.items() if k != key})
    assert done.code == 78 and f"Key 'feed.{key}' not found" in done.err, done.err


@pytest.mark.parametrize(("path", "schema"), KEYS, ids=[".".join(path) for path, _ in KEYS])
def test_every_key_with_what_cannot_stand_there(workspace, path, schema):
    for what, value in OTHERS.items():
        if fits(schema, value):
            continue
        done = tried(workspace, changed(path, value))
        assert done.code == 78, f"{what}: {done.code}: {done.err}"
        assert re.search(r"p/pipeline\.yaml:\d+:\d+: ", done.err) and path[-1] in done.err, f"{what}: {done.err}"


def test_files_of_the_feed_are_parquet(workspace):
    pipeline(workspace, COLUMNS, {"k": "bigint"}, "SELECT k FROM source", more={"source": {"format": "json"}})
    done = tried(workspace, FEED)
    assert done.code == 78 and "'feed' writes Parquet files, and source.format is another" in done.err, done.err


def test_files_of_the_feed_are_of_days(workspace):
    pipeline(workspace, COLUMNS, {"k": "bigint", "run_hour": "int"}, "SELECT k FROM source", path="{yyyy}/{MM}/{dd}/{HH}")
    done = tried(workspace, FEED)
    assert done.code == 78 and "'feed' writes files of days, and source.path is of hours" in done.err, done.err


def test_a_pipeline_without_a_feed_cannot_ingest(workspace):
    pipeline(workspace, COLUMNS, {"k": "bigint"}, "SELECT k FROM source")
    done = workspace.call([workspace.command()[0], "ingest", "--pipeline", "p", "--config-file-path", str(workspace.config)])
    assert done.code == 78 and "there is no section 'feed'" in done.err, done.err
