"""pipelines/pipeline.schema.json, which editors use, and the parser know the same keys and the same words."""

import copy
import json
import re

import pytest
from conftest import ROOT
from inputs import pipeline

SCHEMA = json.loads((ROOT / "pipelines" / "pipeline.schema.json").read_text())
WHOLE = {
    "source": {"ready": {"min_files": 1}, "format": "csv", "csv": {"quote": "'"}, "location": "raw"},
    "inputs": {"seen": {"path": "seen.csv", "format": "csv", "csv": {"delimiter": ";"}, "columns": {"k": {"type": "bigint", "comment": "A key"}}}, "known": {"table": "a.b"}},
    "dedupe": {"key": ["k"], "order": ["k"], "keep": "first"},
    "variables": {"a": "b"},
    "target": {"table": "a.b", "cluster_by": ["k"], "properties": {"delta.appendOnly": "false"}},
}


def resolved(schema: dict) -> dict:
    return SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def places(schema: dict, value, path=()):
    """Each mapping of the example with the schema that it is under, where the keys are fixed."""
    schema = resolved(schema)
    for choice in schema.get("oneOf", []):
        if isinstance(value, dict) and choice.get("properties", {}).keys() >= value.keys():
            schema = choice
    if not isinstance(value, dict):
        return
    if schema.get("additionalProperties") is False:
        yield path, schema
    for key, below in value.items():
        known = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        if isinstance(known, dict):
            yield from places(known, below, (*path, key))


def written(workspace, change=lambda definition: None):
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source", more=copy.deepcopy(WHOLE))
    path = workspace.pipelines / "p" / "pipeline.yaml"
    definition = json.loads(path.read_text())
    change(definition)
    path.write_text(json.dumps(definition))
    return definition


def test_the_example_is_read_as_far_as_its_tables(workspace):
    written(workspace)
    done = workspace.run("--pipeline", "p")
    assert done.code == 78 and "there is no table a.b" in done.err, done.err


PLACES = [path for path, _ in places(SCHEMA, WHOLE)]


def test_every_mapping_of_the_schema_is_tried():
    assert {"source", "csv", "ready", "seen", "known", "k", "dedupe", "target"} <= {part for path in PLACES for part in path}, PLACES


@pytest.mark.parametrize("path", PLACES, ids=".".join)
def test_the_parser_knows_the_keys_of_the_schema(workspace, path):
    def change(definition):
        for part in path:
            definition = definition[part]
        definition["surely_unknown"] = "x"

    written(workspace, change)
    schema = dict(places(SCHEMA, WHOLE))[path]
    done = workspace.run("--pipeline", "p")
    assert done.code == 78 and "unknown key" in done.err, done.err
    told = re.search(r"Known keys here: (.*)\.", done.err).group(1).split(", ")
    extra = {"table"} if path == ("inputs", "seen") else set()  # told beside the keys of files
    assert set(told) - extra == set(schema["properties"])


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (("on_empty_input",), SCHEMA["properties"]["on_empty_input"]),
        (("gate",), SCHEMA["properties"]["gate"]),
        (("target", "mode"), SCHEMA["properties"]["target"]["properties"]["mode"]),
        (("source", "format"), SCHEMA["$defs"]["format"]),
        (("dedupe", "keep"), SCHEMA["properties"]["dedupe"]["properties"]["keep"]),
    ],
)
def test_the_parser_knows_the_words_of_the_schema(workspace, path, schema):
    def change(definition):
        for part in path[:-1]:
            definition = definition[part]
        definition[path[-1]] = "surely_unknown"

    written(workspace, change)
    done = workspace.run("--pipeline", "p")
    assert done.code == 78 and f"must be one of {', '.join(schema['enum'])}, not" in done.err, done.err
    assert schema["enum"][0] == schema["default"]


@pytest.mark.parametrize("path", [("source", "path"), ("source", "columns"), ("transform",), ("target", "partition"), ("target", "columns"), ("checks",), ("source",), ("target",), ("dedupe", "key"), ("dedupe", "order")])
def test_what_the_schema_requires_is_required(workspace, path):
    schema = SCHEMA
    for part in path[:-1]:
        schema = schema["properties"][part]
    assert path[-1] in schema["required"]

    def change(definition):
        for part in path[:-1]:
            definition = definition[part]
        del definition[path[-1]]

    written(workspace, change)
    done = workspace.run("--pipeline", "p")
    assert done.code == 78 and f"Key '{'.'.join(path)}' not found" in done.err, done.err


@pytest.mark.parametrize("name", [path.parent.name for path in (ROOT / "pipelines").glob("*/pipeline.yaml")])
def test_the_shipped_pipelines_name_the_schema(name):
    text = (ROOT / "pipelines" / name / "pipeline.yaml").read_text()
    assert "# yaml-language-server: $schema=../pipeline.schema.json" in text


def test_the_example_of_the_docs_is_a_pipeline(workspace):
    """All but the bucket, which asks for credentials."""
    written(workspace)
    text = (ROOT / "docs" / "pipelines.md").read_text()
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL).group(1)
    assert "location: s3://raw/orders " in example
    (workspace.pipelines / "p" / "pipeline.yaml").write_text(example.replace("s3://raw/orders", "raw"))
    (workspace.pipelines / "p" / "transform.sql").write_text("SELECT order_id, '${shop}' AS country FROM source JOIN countries ON code = country JOIN movies USING (order_id)")
    done = workspace.run("--pipeline", "p")
    assert done.code == 78 and "inputs.movies: there is no table marts.movies" in done.err, done.err
