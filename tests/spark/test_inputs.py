"""What a transform reads beside the day, days of text, and which duplicate stays: the same table as DuckDB's."""

import json

import pytest
from inputs import pipeline, refused, write, write_text
from outcome import on
from test_parity import same


def beside(workspace, more, select, columns=None, target=None):
    columns = columns or {"k": "bigint", "code": "string"}
    pipeline(workspace, columns, target or {**columns, "country": "string"}, select, more=more)
    folder = workspace.pipelines / "p" / "ref"
    folder.mkdir()
    (folder / "countries.csv").write_text("code,country\nDE,Germany\nFR,\n")


JOIN = "SELECT s.k, s.code, c.country FROM source s LEFT JOIN countries c ON c.code = s.code"
COUNTRIES = {"countries": {"path": "ref/countries.csv", "format": "csv", "columns": {"code": "string", "country": "string"}}}


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_join_with_a_file(workspace, server, left_alone, form):
    beside(workspace, {"inputs": COUNTRIES, "source": {"format": form}}, JOIN)
    if form == "parquet":
        write(workspace, {"k": [1, 2, 3], "code": ["DE", "FR", "XX"]})
    elif form == "csv":
        write_text(workspace, "code,k\nDE,1\nFR,2\nXX,3\n", "a.csv")
    else:
        write_text(workspace, "\n".join(json.dumps({"k": k, "code": code}) for k, code in [(1, "DE"), (2, "FR"), (3, "XX")]), "a.json")
    seen = same(workspace, server.url, flags=("--pipeline", "p"))
    assert seen["code"] == 0 and seen["table"]["rows"] == 3, seen
    assert workspace.leftovers() == []


def test_a_join_with_a_table(workspace, server, left_alone):
    beside(workspace, {}, "SELECT k, code, 'first' AS country FROM source")
    definition = json.loads((workspace.pipelines / "p" / "pipeline.yaml").read_text())
    write(workspace, {"k": [1, 2], "code": ["DE", "FR"]})
    assert workspace.run("--pipeline", "p").code == 0
    other = workspace.pipelines / "q"
    other.mkdir()
    definition |= {"inputs": {"earlier": {"table": "default.movie_ratings_curated"}}}
    definition["target"] |= {"table": "marts.joined"}
    (other / "pipeline.yaml").write_text(json.dumps(definition))
    (other / "transform.sql").write_text("SELECT s.k, e.code, e.run_date AS country FROM source s JOIN earlier e ON e.k = s.k")
    (other / "checks.yaml").write_text("checks for ${table}:\n  - row_count > 0\n")
    workspace.table = workspace.warehouse / "marts.db" / "joined"
    done = workspace.run("--pipeline", "q", *on(server.url))
    assert done.code == 0, done.err
    assert workspace.rows("k, code, country", order="k") == [(1, "DE", "2021-01-01"), (2, "FR", "2021-01-01")]


@pytest.mark.parametrize("keep", ["first", "last"])
def test_which_of_the_duplicates_stays(workspace, server, left_alone, keep):
    columns = {"k": "bigint", "seen": "bigint", "v": "string", "r": "double"}
    pipeline(workspace, columns, columns, "SELECT k, seen, v, r FROM source", key=["k"], order=["seen"], more={"dedupe": {"keep": keep}})
    nan = float("nan")
    write(workspace, {"k": [1, 1, 2, 2, 3, 3], "seen": [5, None, 7, 7, 7, 7], "v": ["a", "b", "x", "y", "same", "same"], "r": [1.0, 2.0, 3.0, 3.0, nan, 5.0]})
    write(workspace, {"k": [1, 2], "seen": [9, 7], "v": ["c", None], "r": [3.0, 3.0]}, "b.parquet")
    seen = same(workspace, server.url, flags=("--pipeline", "p"))
    assert seen["code"] == 0 and seen["duplicates"] == 5, seen


def test_a_value_that_its_type_cannot_hold(workspace, server, left_alone):
    beside(workspace, {"source": {"format": "csv"}}, "SELECT k, code, code AS country FROM source")
    path = write_text(workspace, "k,code\n1.5,DE\n", "a.csv")
    refused(workspace.run("--pipeline", "p", *on(server.url)), 3, f"{path}: record 1: the value of column 'k' is not of type bigint")
    assert workspace.leftovers() == []
