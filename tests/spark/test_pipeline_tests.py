"""`test --engine spark`: the tests of a pipeline find the same on a server as on DuckDB, and leave nothing there."""

import json

from inputs import pipeline
from outcome import on

TYPES = {
    **{"id": "bigint", "f": "float", "b": "boolean", "de": "decimal(20,2)", "da": "date", "t": "timestamp", "z": "timestamp_ntz"},
    **{"m": "map<string,int>", "st": "struct<a:int,b:array<string>>", "v": "string"},
}


def found(workspace, server, *args):
    """Exit code and document, the same on both engines."""
    before = sorted(workspace.root.rglob("*"))
    local, remote = (
        workspace.call([workspace.command()[0], "test", "-c", str(workspace.config), "--format", "json", *args, *engine]) for engine in ([], on(server.url))
    )
    assert sorted(workspace.root.rglob("*")) == before, "something is left"
    assert (local.code, local.json) == (remote.code, remote.json), remote.err
    return remote.json


def test_the_shipped_tests_pass(workspace, server, left_alone):
    seen = found(workspace, server, "movie_ratings")
    assert seen["exit_code"] == 0 and seen["passed"] == 11 and seen["failed"] == 0, seen


def test_what_differs_is_found(workspace, server, left_alone):
    inputs = {"names": {"path": "n.parquet", "columns": {"id": "bigint", "v": "string"}}}
    select = "SELECT s.*, n.v FROM source s LEFT JOIN names n ON s.id = n.id"
    given = {name: kind for name, kind in TYPES.items() if name != "v"}
    pipeline(workspace, given, TYPES, select, key=["id"], order=["f"], more={"inputs": inputs})
    (workspace.pipelines / "p/checks.yaml").write_text("checks for ${table}:\n  - row_count > 5:\n      name: many\n")
    row = {"id": 1, "f": 1.1, "b": True, "de": "0.50", "da": "2021-01-01", "t": "2021-01-01 10:00:00+01:00", "z": "2021-01-01 10:00:00", "m": {"b": 1, "a": None}}
    row["st"] = {"a": 1, "b": ["x", None]}
    rows = {"source": [row, {"id": 1, "f": 2}, {"id": 2}], "names": [{"id": 1, "v": "one"}]}
    expected = {"rows": [row | {"v": "one"}, {"id": 2, "v": None}], "duplicates": 1, "checks": {"many": "fail"}}
    tests = [
        {"name": "right", "given": rows, "expect": expected},
        {"name": "wrong", "given": rows, "expect": expected | {"rows": [row | {"v": "uno", "f": 1.2}, {"id": 3}], "duplicates": 0, "checks": {"many": "pass"}}},
        {"name": "refused", "given": rows | {"source": []}, "expect": {"error": "holds no rows"}},
    ]
    (workspace.pipelines / "p/tests").mkdir()
    (workspace.pipelines / "p/tests/t.yaml").write_text(json.dumps(tests))
    seen = found(workspace, server)
    assert [test["outcome"] for test in seen["tests"]] == ["ok", "failed", "ok"], seen
    wrong = seen["tests"][1]
    assert len(wrong["reasons"]) == 2 and list(wrong["rows"]["changed"][0]["columns"]) == ["f", "v"] and wrong["rows"]["missing"] == [{"id": 3}]
