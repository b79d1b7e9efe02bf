"""pipeline.yaml wrong in every way that its JSON Schema tells apart: 78, with place and key, and never a table."""

import copy
import json
import re

import pytest
from inputs import pipeline
from test_pipeline_schema import SCHEMA, resolved

COLUMNS = {"k": "bigint", "day": "date", "v": "string"}
WHOLE = {
    "source": {
        "location": "raw",
        "ready": {"file": "_SUCCESS", "min_files": 1, "quiet_for": "1s"},
        "lookback": "1d",
        "format": "csv",
        "csv": {"delimiter": ";", "quote": "'", "null_value": "NA"},
    },
    "inputs": {"seen": {"path": "seen.csv", "format": "csv", "csv": {"delimiter": ";"}, "columns": {"k": {"type": "bigint", "comment": "A key"}}}},
    "dedupe": {"key": ["k"], "order": ["day"], "keep": "last"},
    "variables": {"shop": "b"},
    "target": {
        "table": "a.b",
        "partition": {"day": "date"},
        "mode": "merge",
        "key": ["k"],
        "order": ["day"],
        "max_partitions": 3,
        "cluster_by": ["k"],
        "properties": {"delta.checkpointInterval": "20"},
    },
    "on_empty_input": "keep",
    "gate": "before_publish",
}
OTHERS = {"a list": ["x"], "an empty list": [], "a mapping": {"surely_unknown": "x"}, "an empty mapping": {}, "a word": "surely unknown", "a number": -7, "nothing": None, "an empty text": "", "a boolean": True, "a list of mappings": [{"k": 1}], "a list of nothing": [None], "a long text": "x" * 5000, "control characters": "a\u0007b"}  # fmt: skip


def written(workspace):
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT k, day, v FROM source")
    path = workspace.pipelines / "p" / "pipeline.yaml"
    definition = json.loads(path.read_text())
    for key, value in copy.deepcopy(WHOLE).items():
        definition[key] = definition.get(key, {}) | value if isinstance(value, dict) else value
    path.write_text(json.dumps(definition, indent=1))
    (workspace.pipelines / "p" / "seen.csv").write_text("k\n1\n")
    return definition


def fits(schema, value):
    """Whether the schema lets the value be; only as far as this file's values tell."""
    schema = resolved(schema)
    if "oneOf" in schema:
        return any(fits(one, value) for one in schema["oneOf"])
    if "enum" in schema:
        return value in schema["enum"]
    kinds = schema.get("type", ["string"])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    kind = {list: "array", dict: "object", str: "string", bool: "boolean", int: "integer", type(None): "null"}[type(value)]
    if kind not in kinds and not (kind in ("integer", "boolean") and ({"string", "number"} & set(kinds))):
        return False
    if kind == "array":
        return len(value) >= schema.get("minItems", 0) and all(fits(schema.get("items", {}), one) for one in value)
    if kind == "object":
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties", True)
        return len(value) >= schema.get("minProperties", 0) and all(
            fits(known[key], one) if key in known else rest is True or (isinstance(rest, dict) and fits(rest, one)) for key, one in value.items()
        )
    if kind == "integer":
        return value >= schema.get("minimum", value)
    return True


def keys(schema, value, path=()):
    schema = resolved(schema)
    if not isinstance(value, dict):
        return
    for choice in schema.get("oneOf", []):
        if choice.get("properties", {}).keys() >= value.keys():
            schema = choice
    for key, below in value.items():
        known = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        if isinstance(known, dict):
            yield (*path, key), known
            yield from keys(known, below, (*path, key))


KEYS = list(keys(SCHEMA, {**WHOLE, "source": WHOLE["source"] | {"path": "{yyyy}/{MM}/{dd}", "columns": COLUMNS}, "transform": "transform.sql", "target": WHOLE["target"] | {"columns": COLUMNS}, "checks": "checks.yaml"}))


def test_the_example_is_right(workspace):
    written(workspace)
    done = workspace.run("--pipeline", "p")
    assert done.code == 66 and "does not exist" in done.err, done.err


@pytest.mark.parametrize(("path", "schema"), KEYS, ids=[".".join(path) for path, _ in KEYS])
def test_every_key_with_what_cannot_stand_there(workspace, path, schema):
    whole = written(workspace)
    file = workspace.pipelines / "p" / "pipeline.yaml"
    tried = 0
    for what, value in OTHERS.items():
        if fits(schema, value):
            continue
        tried += 1
        definition = copy.deepcopy(whole)
        place = definition
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value
        file.write_text(json.dumps(definition, indent=1))
        done = workspace.run("--pipeline", "p")
        assert done.code == 78, f"{what}: {done.code}: {done.err}"
        assert re.search(r"p/pipeline\.yaml:\d+:\d+: ", done.err), f"{what}: {done.err}"
        assert path[-1] in done.err, f"{what}: {done.err}"
        assert not (workspace.warehouse / "a.db").exists()
    assert tried > 1


@pytest.mark.parametrize(("path", "schema"), KEYS, ids=[".".join(path) for path, _ in KEYS])
def test_every_key_with_what_may_stand_there_but_means_nothing(workspace, path, schema):
    """Such as a text for a name: refused with what is known of it, or taken; never a crash."""
    whole = written(workspace)
    file = workspace.pipelines / "p" / "pipeline.yaml"
    for what, value in OTHERS.items():
        if not fits(schema, value):
            continue
        definition = copy.deepcopy(whole)
        place = definition
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value
        file.write_text(json.dumps(definition, indent=1))
        done = workspace.run("--pipeline", "p")
        assert done.code in (66, 78) or "File name too long" in done.err, f"{what}: {done.code}: {done.err}"
        assert "internal" not in done.err and len(done.err) < 30_000, f"{what}: {done.err[:3000]}"
