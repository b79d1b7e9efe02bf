"""`test`: a pipeline over rows that a file gives; what came out against what was expected, without a table and without raw files."""

import json
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import duckdb
import pytest
from conftest import BINARY, ROOT
from inputs import HOSTILE_NAMES, pipeline, refused

COLUMNS = {"id": "bigint", "v": "string", "n": "int"}
TYPES = {
    **{"s": "string", "f": "float", "d": "double", "b": "boolean", "i": "int", "y": "byte", "l": "bigint", "de": "decimal(20,2)"},
    **{"da": "date", "t": "timestamp", "z": "timestamp_ntz", "bi": "binary", "m": "map<string,int>", "mk": "map<bigint,struct<a:int>>"},
    "st": "struct<a:int,b:array<string>>",
}


@pytest.fixture
def toy(workspace):
    """A pipeline `p` that keeps the first `n` of an `id`, with one check."""
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT * FROM source", key=["id"], order=["n"])
    (workspace.pipelines / "p/checks.yaml").write_text("checks for ${table}:\n  - row_count < 3:\n      name: few rows\n")
    return workspace


def beside(workspace, name: str, content: str):
    path = workspace.pipelines / "p/tests" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    return path


def call(workspace, *args: str):
    before = sorted(path for path in workspace.root.rglob("*") if "tests" not in path.parts)
    done = workspace.call([str(BINARY), "test", "-c", str(workspace.config), *args])
    assert sorted(path for path in workspace.root.rglob("*") if "tests" not in path.parts) == before, "something is left"
    return done


def tried(workspace, test, *args: str):
    """Runs one test, given as data or as text."""
    beside(workspace, "t.yaml", test if isinstance(test, str) else json.dumps(test, ensure_ascii=False))
    return call(workspace, *args)


def one(rows, expect, **more):
    return {"name": "x", "given": {"source": rows}, "expect": expect, **more}


def test_the_shipped_tests_pass_and_leave_nothing(workspace):
    done = call(workspace)
    assert done.code == 0 and done.err == "", done.err
    assert "ok      movie_ratings: The original project's own fixture\n" in done.out and done.out.endswith("tests: 11 ok, 0 failed\n")


def test_the_shipped_tests_see_a_transform_that_is_wrong(workspace):
    workspace.own_pipelines()
    workspace.edit("transform.sql", "coalesce(size(genres) > 1, false)", "size(genres) > 0")
    done = call(workspace, "movie_ratings")
    assert done.code == 2 and "FAILED  movie_ratings: A movie has several genres" in done.out
    assert "~ {movie_id: 1, genres: null}: is_multigenre is null, expected false\n" in done.out, done.out
    assert done.out.endswith("tests: 9 ok, 2 failed\n")


def test_only_what_is_named_is_compared(toy):
    assert tried(toy, one([{"id": 1, "v": "a", "n": 2}, {"id": 1, "v": "b", "n": 1}], {"rows": [{"v": "b"}], "duplicates": 1, "count": 1})).code == 0
    assert tried(toy, one([{"id": 1}, {"ID": 2}], [{}, {"run_date": "2021-01-01"}])).code == 0
    assert tried(toy, one([{"id": 1}], [{"run_date": "2024-02-29"}], run_date="2024-02-29")).code == 0


def test_a_row_that_could_be_several_leaves_the_others_theirs(toy):
    """The first expected row fits both; taken in order it would keep the second from its own."""
    rows = [{"id": 1, "v": "a"}, {"id": 2, "v": "a"}]
    assert tried(toy, one(rows, [{"v": "a"}, {"id": 1}])).code == 0
    assert tried(toy, one(rows, [{"v": "a"}, {"id": 2}])).code == 0
    assert tried(toy, one(rows, [{"v": "a"}, {"v": "a"}, {"v": "a"}])).code == 2


def test_each_difference_is_told(toy):
    given = [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 4, "v": "d"}]
    done = tried(toy, one(given, {"rows": [{"id": 1, "v": "A"}, {"id": 2}, {"id": 3, "v": "c"}], "count": 2, "duplicates": 1, "checks": {"few rows": "pass"}}))
    assert done.code == 2
    assert done.out.splitlines() == [
        "FAILED  p: x",
        f"        {toy.pipelines}/p/tests/t.yaml:1:1",
        "        count of rows: expected 2, found 3",
        "        duplicates that were dropped: expected 1, found 0",
        "        check 'few rows': expected pass, but it is fail (row_count is 3)",
        "        the rows differ: 1 changed (~), 1 missing (-), 1 unexpected (+)",
        '        ~ {id: 1}: v is "a", expected "A"',
        '        - {id: 3, v: "c"}',
        '        + {id: 4, v: "d", "n": null, run_date: "2021-01-01"}',
        "1 test: 0 ok, 1 failed",
    ]


def test_order_counts_where_it_is_asked_for(toy):
    given = [{"id": 2, "n": 1}, {"id": 1, "n": 1}]
    assert tried(toy, one(given, {"rows": [{"id": 1}, {"id": 2}]})).code == 0
    assert tried(toy, one(given, {"rows": [{"id": 2}, {"id": 1}], "ordered": True})).code == 0
    done = tried(toy, one(given, {"rows": [{"id": 1}, {"id": 2}], "ordered": True}))
    assert done.code == 2 and "in another order: row 1 is {id: 2}, expected {id: 1}\n" in done.out, done.out


def test_errors_of_a_run(toy):
    nothing = "holds no rows"
    assert tried(toy, one([], {"error": nothing})).code == 0
    done = tried(toy, one([], {"error": "other words"}))
    assert done.code == 2 and "expected an error with 'other words', but it is: " in done.out and nothing in done.out
    done = tried(toy, one([{"id": 1}], {"error": nothing}))
    assert done.code == 2 and f"expected an error with '{nothing}', but there was none and 1 rows came out" in done.out
    done = tried(toy, one([], []))
    assert done.code == 2 and "ended with an error: raw folder " in done.out and nothing in done.out
    (toy.pipelines / "p/transform.sql").write_text("SELECT id, v, CAST(v AS INT) AS n FROM source")
    done = tried(toy, one([{"id": 1, "v": "x"}], [{"id": 1}]))
    assert done.code == 2 and "ended with an error: " in done.out and "Could not convert string 'x' to INT32" in done.out, done.out
    (toy.pipelines / "p/transform.sql").write_text("SELECT id, v, nn AS n FROM source")
    assert tried(toy, one([{"id": 1}], {"error": "transform.sql"})).code == 0


def test_an_empty_result_and_an_empty_day(toy):
    (toy.pipelines / "p/transform.sql").write_text("SELECT * FROM source WHERE id > 5")
    assert tried(toy, one([{"id": 1}], {"rows": [], "count": 0})).code == 0
    done = tried(toy, one([{"id": 1}, {"id": 6}], []))
    assert done.code == 2 and "+ {id: 6, " in done.out
    definition = toy.pipelines / "p/pipeline.yaml"
    text = definition.read_text()
    definition.write_text(text.replace("{", '{"on_empty_input": "clear",', 1))
    assert tried(toy, one([], {"count": 0, "checks": {"few rows": "pass"}})).code == 0
    definition.write_text(text.replace("{", '{"on_empty_input": "keep",', 1))
    assert tried(toy, one([], [])).code == 0
    done = tried(toy, one([], {"checks": {"few rows": "pass"}}))
    assert done.code == 2 and "no check ran" in done.out


def test_a_check_that_cannot_be_evaluated_fails_its_test(toy):
    (toy.pipelines / "p/checks.yaml").write_text("checks for ${table}:\n  - row_count < 3:\n      name: few rows\n  - row_count same as default.other\n")
    done = tried(toy, one([{"id": 1}], {"checks": {"few rows": "pass"}}))
    assert done.code == 2 and "default.other" in done.out, done.out


def test_values_of_every_type_are_what_they_are_written_as(workspace):
    pipeline(workspace, TYPES, TYPES, "SELECT * FROM source")
    row = """{s: 5, f: 1.1, d: .nan, b: true, i: -3, y: 127, l: 9223372036854775807, de: 123456789012345678.50, da: 2021-01-01,
      t: "2021-01-01 10:00:00+01:00", z: 2021-01-01 10:00:00.123456, bi: '\\xFF\\x00a', m: {b: 1, a: null}, mk: {7: {a: 1}, 6: null}, st: {a: 1, b: [x, null, "NULL"]}}"""
    hostile = r"""{s: "a\0b\u2028\"'{}\\\n${run_date}", f: -.inf, d: 1e300, y: -128, st: {a: null}, m: {}, bi: ""}"""
    written = f"name: x\ngiven:\n  source:\n    - &a {row}\n    - &b {hostile}\nexpect:\n  rows:\n"
    done = tried(workspace, written + "    - *b\n    - *a\n")
    assert done.code == 0, done.out + done.err
    # The same instant, map and number in other words; a float is the nearest one.
    same = "    - *b\n    - {t: '2021-01-01T09:00:00Z', m: {a: null, b: 1}, de: '123456789012345678.5', f: 1.10000000001, d: .NaN, s: '5'}\n"
    done = tried(workspace, written + same)
    assert done.code == 0, done.out + done.err
    for other in ["t: 2021-01-01 10:00:00", "m: {b: 1}", "de: 123456789012345678.51", "f: 1.2", "d: null", "s: '5.0'", 'st: {a: 1, b: [x, "", "NULL"]}', "l: 9223372036854775806"]:
        done = tried(workspace, f"{written}    - *b\n    - {{i: -3, y: 127, {other}}}\n")
        assert done.code == 2 and f"{other[: other.index(':')]} is " in done.out, (other, done.out, done.err)


def test_a_signal_ends_it_and_leaves_nothing(toy):
    """In the middle of a transform that would not come to an end."""
    (toy.pipelines / "p/transform.sql").write_text("SELECT * FROM source WHERE (SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = id) > 0")
    beside(toy, "t.yaml", json.dumps(one([{"id": 1}], {"count": 1})))
    command = [str(BINARY), "test", "-c", str(toy.config)]
    process = subprocess.Popen(command, env=toy.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    latest = time.monotonic() + 60
    while not list(toy.root.glob("movies-etl-*/test/staged")):
        assert process.poll() is None and time.monotonic() < latest
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)
    assert process.returncode == 130 and told[0] == "" and not list(toy.root.glob("movies-etl-*")), told


def test_columns_of_any_name(workspace):
    names = list({name.lower(): name for name in HOSTILE_NAMES}.values())
    columns = dict.fromkeys(names, "string")
    pipeline(workspace, columns, {name: "string" for name in names}, "SELECT * FROM source")
    row = {name: f"of {name}'\"" for name in names}
    done = tried(workspace, one([row], [row]))
    assert done.code == 0, done.out + done.err
    done = tried(workspace, one([row], {"rows": [row | {names[0]: "other"}]}), "--format", "json")
    assert done.code == 2 and list(done.json["tests"][0]["rows"]["changed"][0]["columns"]) == [names[0]]


def test_rows_in_files(toy):
    rows = [{"id": 1, "v": "a\"b,c\n", "n": None}, {"id": 2, "v": "", "n": 7}]
    beside(toy, "rows.ndjson", "\n".join(json.dumps(row) for row in rows) + "\n\n")
    beside(toy, "rows.csv", 'v,id,n\n"a""b,c\n",1,\n"",2,7\n')
    frame = duckdb.sql("SELECT * FROM (VALUES (1, 'a\"b,c\n', NULL), (2, '', 7)) t(id, v, n)")
    frame.write_parquet(str(toy.pipelines / "p/tests/rows.parquet"))
    beside(toy, "[a*] sub/b=1.ndjson".split("/")[0] + ".ndjson", '{"id": 3}\n')
    for end in ["ndjson", "csv", "parquet"]:
        done = tried(toy, one({"file": f"rows.{end}"}, rows))
        assert done.code == 0, (end, done.out, done.err)
        done = tried(toy, one(rows, {"file": f"rows.{end}"}))
        assert done.code == 2 and "run_date is " in done.out  # a file speaks of all columns
    assert tried(toy, one({"file": "[a*] sub.ndjson"}, [{"id": 3}])).code == 0
    beside(toy, "whole.ndjson", "".join(json.dumps(row | {"run_date": "2021-01-01"}) + "\n" for row in rows))
    assert tried(toy, one(rows, {"rows": {"file": "whole.ndjson"}, "ordered": True})).code == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("r.ndjson", '{"id": 1}\n{"id": "x"}\n', "r.ndjson:2: column 'id': 'x' is not of type bigint"),
        ("r.ndjson", '{"id": 1}\n{"id": \n', "r.ndjson:2: is not JSON"),
        ("r.ndjson", '{"idd": 1}\n', "r.ndjson:1: unknown column 'idd'. Did you mean 'id'?"),
        ("r.ndjson", "[1]\n", "r.ndjson:1: a row must map columns to values"),
        ("r.ndjson", '{"n": 2147483648}\n', "r.ndjson:1: column 'n': '2147483648' is not of type int"),
        ("r.ndjson", '{"id": 1, "v": "a", "id": 2}\n', "r.ndjson:1: key 'id' stands twice"),
        ("r.ndjson", '{"v": {"a": [{"b": 1, "b": 1}]}}\n', "r.ndjson:1: key 'b' stands twice"),
        ("r.csv", "id,v\n1,a\nx,b\n", "r.csv: row 2: column 'id': 'x' is not of type bigint"),
        ("r.csv", "id,w\n1,a\n", "r.csv: unknown column 'w'"),
        ("r.csv", "id,w\n", "r.csv: unknown column 'w'"),
        ("r.csv", "", "r.csv: unknown column"),
        ("r.csv", "id,id\n1,2\n", "r.csv: unknown column 'id_1'"),
        ("r.csv", "id,v\n1,a,b,c\n", "r.csv: cannot be read as CSV: "),
        ("r.csv", "id,v\n1\n", "r.csv: cannot be read as CSV: "),
        ("r.csv", "id,v\n#1,a\n", "r.csv: row 1: column 'id': '#1' is not of type bigint"),
        ("r.csv", 'id,v\n1,"a\n', "r.csv: cannot be read as CSV: "),
        ("r.parquet", "no Parquet", "r.parquet: not a readable Parquet file"),
        ("r.txt", "id\n", "'r.txt' is not a file of rows"),
        ("../r.csv", "id\n", "'../r.csv' does not lie beside the test"),
        ("/etc/passwd.csv", None, "'/etc/passwd.csv' does not lie beside the test"),
        ("none.csv", None, "none.csv: there is no such file"),
    ],
)
def test_files_that_cannot_be_meant(toy, name, content, said):
    beside(toy, "t.yaml", "")
    if content is not None:
        beside(toy, name, content)
    refused(tried(toy, one({"file": name}, {"count": 1})), 78, "tests/t.yaml:1:", said)


def test_a_link_that_leads_out_is_not_followed(toy):
    (toy.root / "secret.ndjson").write_text('{"id": 1}\n')
    beside(toy, "t.yaml", "")
    (toy.pipelines / "p/tests/in.ndjson").symlink_to(toy.root / "secret.ndjson")
    refused(tried(toy, one({"file": "in.ndjson"}, {"count": 1})), 78, "does not lie beside the test")
    refused(tried(toy, one([{"id": 1}], {"file": "in.ndjson"}), "--update"), 78, "does not lie beside the test")
    assert (toy.root / "secret.ndjson").read_text() == '{"id": 1}\n'


def test_a_parquet_file_has_the_declared_columns(toy):
    beside(toy, "t.yaml", "")
    for select, said in [("SELECT 1.5 AS id", "column 'id' has type decimal(2,1), expected bigint"), ("SELECT 1 AS idd", "unknown column 'idd'. Did you mean 'id'?")]:
        duckdb.sql(select).write_parquet(str(toy.pipelines / "p/tests/r.parquet"))
        refused(tried(toy, one({"file": "r.parquet"}, {"count": 1})), 78, "r.parquet", said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- name: x\n  givn: {source: []}\n", "t.yaml:2:3: unknown key 'test.givn'. Did you mean 'given'?"),
        ("- name: x\n  given: {sourc: []}\n", "t.yaml:2:11: unknown key 'given.sourc'. Did you mean 'source'?"),
        ("- name: x\n  given: {source: []}\n", "t.yaml:1:3: Key 'test.expect' not found"),
        ("- given: {source: []}\n  expect: []\n", "t.yaml:1:3: Key 'test.name' not found"),
        ("- name: x\n  given: {}\n  expect: []\n", "t.yaml:2:10: Key 'given.source' not found"),
        ("- {name: x, given: {source: 1}, expect: []}\n", "t.yaml:1:29: 'given.source' must be a list of rows, or name a file"),
        ("- {name: x, given: {source: [1]}, expect: []}\n", "t.yaml:1:30: a row must map columns to values"),
        ("- {name: x, given: {source: [{idd: 1}]}, expect: []}\n", "t.yaml:1:31: unknown column 'idd'. Did you mean 'id'?"),
        ("- {name: x, given: {source: [{id: 1, ID: 2}]}, expect: []}\n", "column 'id' stands twice"),
        ("- {name: x, given: {source: [{id: x}]}, expect: []}\n", "t.yaml:1:35: column 'id': 'x' is not of type bigint"),
        ('- {name: x, given: {source: [{id: "1"}]}, expect: []}\n', "column 'id': '1' is not of type bigint\nhint: In quotes it is a text"),
        ("- {name: x, given: {source: [{id: 1.5}]}, expect: []}\n", "column 'id': '1.5' is not of type bigint"),
        ("- {name: x, given: {source: [{id: [1]}]}, expect: []}\n", "column 'id': a list is not of type bigint"),
        ("- {name: x, given: {source: []}, expect: [{idd: 1}]}\n", "t.yaml:1:44: unknown column 'idd'"),
        ("- {name: x, given: {source: []}, expect: {}}\n", "'expect' expects nothing"),
        ("- {name: x, given: {source: []}, expect: {cont: 1}}\n", "unknown key 'expect.cont'. Did you mean 'count'?"),
        ("- {name: x, given: {source: []}, expect: {count: -1}}\n", "'expect.count' must be a whole number from 0 up"),
        ("- {name: x, given: {source: []}, expect: {count: 1, ordered: true}}\n", "'expect.ordered' is about rows"),
        ("- {name: x, given: {source: []}, expect: {rows: [], ordered: maybe}}\n", "'expect.ordered' must be one of false, true, not 'maybe'"),
        ("- {name: x, given: {source: []}, expect: {error: x, count: 1}}\n", "a test that expects an error can expect nothing else"),
        ("- {name: x, given: {source: []}, expect: {rows: [], file: a.csv}}\n", "'expect' has both 'rows' and 'file'"),
        ("- {name: x, given: {source: []}, expect: {checks: {few rows: fails}}}\n", "'fails' is not an outcome of a check. Did you mean 'fail'?"),
        ("- {name: x, given: {source: [{id: 1}]}, expect: {checks: {few row: fail}}}\n", "t.yaml:1:59: there is no check 'few row'. Did you mean 'few rows'?"),
        ("- {name: x, run_date: 2021-02-30, given: {source: []}, expect: []}\n", "t.yaml:1:23: run_date: '2021-02-30' is not a day of the calendar"),
        ("- &a {name: x, given: {source: []}, expect: []}\n- *a\n", "another test of this file is named 'x'"),
        ("", "holds no tests"),
        ("[]\n", "holds no tests"),
        ("- {name: x\n", "t.yaml:"),
    ],
)
def test_a_test_file_that_cannot_be_meant(toy, text, said):
    done = refused(tried(toy, text), 78, said)
    assert done.out == ""


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        *(("boolean", "1"), ("boolean", "yes"), ("byte", "128"), ("short", "40000"), ("float", "1e39"), ("double", "1e999"), ("double", "abc"), ("int", "")),
        *(("decimal(3,1)", "100"), ("decimal(3,1)", "1.25"), ("decimal(3,1)", "1e1"), ("date", "2021-02-29"), ("date", "2021-1-1"), ("timestamp", "yesterday")),
        *(("timestamp_ntz", "2021-01-01 25:00:00"), ("array<int>", "{a: 1}"), ("array<int>", "[a]"), ("struct<a:int>", "{b: 1}"), ("map<int,int>", "{a: 1}"), ("map<int,int>", "[1]")),
    ],
)
def test_a_value_that_is_not_of_its_columns_type(workspace, type_, value):
    pipeline(workspace, {"c": type_}, {"c": type_}, "SELECT * FROM source")
    for where in [f"given: {{source: [{{c: {value or chr(39) * 2}}}]}}, expect: []", f"given: {{source: []}}, expect: [{{c: {value or chr(39) * 2}}}]"]:
        refused(tried(workspace, f"- {{name: x, {where}}}\n"), 78, "t.yaml:1:", "c")


def test_all_faults_of_all_files_are_told_at_once_and_no_test_runs(toy):
    beside(toy, "a.yaml", "- {name: a, given: {source: [{x: 1}]}, expect: []}\n- {name: b, given: {source: []}, expect: [{y: 1}]}\n")
    beside(toy, "b.yaml", "- {name: c}\n")
    done = refused(tried(toy, one([{"id": 1}], {"count": 1})), 78, "a.yaml:1:31: unknown column 'x'", "a.yaml:2:44: unknown column 'y'", "b.yaml:1:3: Key 'test.given' not found", "No test ran.")
    assert done.out == ""


def test_pipelines_without_tests(toy):
    refused(call(toy, "p"), 78, "pipeline 'p' has no tests: ")
    refused(call(toy), 78, "no pipeline of ", " has tests")
    refused(call(toy, "q"), 78, "there is no pipeline 'q'")
    refused(call(toy, "--format", "xml"), 64, "'xml' is not one of text, junit, json")
    beside(toy, "t.yaml", json.dumps(one([{"id": 1}], {"count": 1})))
    assert call(toy, "p", "p").out.endswith("1 test: 1 ok, 0 failed\n")


JOIN = "SELECT s.id, s.v, c.country, m.title FROM source s LEFT JOIN countries c ON s.v = c.code LEFT JOIN movies m ON s.id = m.id"
INPUTS = {"countries": {"path": "ref.csv", "format": "csv", "columns": {"code": "string", "country": "string"}}, "movies": {"table": "marts.movies"}}


@pytest.fixture
def joined(workspace):
    """A pipeline of CSV files that waits for a marker, with a file and a table as inputs; none of them is there."""
    source = {"format": "csv", "ready": {"file": "_SUCCESS"}}
    target = {"id": "bigint", "v": "string", "country": "string", "title": "string"}
    pipeline(workspace, {"id": "bigint", "v": "string"}, target, JOIN, more={"inputs": INPUTS, "source": source, "variables": {"shop": "DE"}})
    return workspace


def test_further_inputs(joined):
    """A file's columns are declared, a table's are the test's to say."""
    countries = [{"code": "DE", "country": "Germany"}]
    movies = {"columns": {"id": "int", "title": "string"}, "rows": [{"id": 1, "title": "Up"}]}
    expected = [{"id": 1, "country": "Germany", "title": "Up"}, {"id": 2, "country": None, "title": None}]
    rows = {"source": [{"id": 1, "v": "DE"}, {"id": 2}], "countries": countries, "movies": movies}
    done = tried(joined, {"name": "x", "given": rows, "expect": expected})
    assert done.code == 0, done.out + done.err
    beside(joined, "m.ndjson", json.dumps(movies["rows"][0]))
    done = tried(joined, {"name": "x", "given": rows | {"movies": {"columns": movies["columns"], "file": "m.ndjson"}}, "expect": expected})
    assert done.code == 0, done.out + done.err
    done = tried(joined, {"name": "x", "given": rows | {"countries": []}, "expect": expected})
    assert done.code == 2 and '~ {id: 1, title: "Up"}: country is null, expected "Germany"' in done.out, done.out


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"movies": None}, "Key 'given.movies' not found"),
        ({"movies": []}, "'given.movies' is a table, whose columns a test has to declare"),
        ({"movies": {"file": "m.csv"}}, "'given.movies' is a table, whose columns a test has to declare"),
        ({"movies": {"columns": {"id": "itn"}, "rows": []}}, "column 'id': 'itn' is not a type"),
        ({"movies": {"columns": {"id": "int"}, "rows": [{"title": "x"}]}}, "unknown column 'title'"),
        ({"movies": {"columns": {"id": "int"}}}, "Key 'given.movies.file' not found"),
        ({"movies": {"columns": {"id": "int"}, "rows": [], "file": "m.csv"}}, "either a list of rows or a file"),
        ({"countries": {"columns": {"code": "string"}, "rows": []}}, "unknown key 'given.countries.columns'"),
        ({"countries": [{"cod": "DE"}]}, "unknown column 'cod'. Did you mean 'code'?"),
    ],
)
def test_further_inputs_that_cannot_be_meant(joined, changed, said):
    given = {"source": [], "countries": [], "movies": {"columns": {"id": "int", "title": "string"}, "rows": []}} | changed
    given = {name: rows for name, rows in given.items() if rows is not None}
    refused(tried(joined, {"name": "x", "given": given, "expect": []}), 78, "t.yaml:1:", said)


def test_junit(toy):
    beside(toy, "a.yaml", json.dumps([one([{"id": 1}], {"count": 1}), one([{"id": 1, "v": "<&\"]]>\x07\u202e"}], [{"id": 1, "v": "b"}]) | {"name": "<b> & 'c' \x1b[1m"}], ensure_ascii=True))
    done = call(toy, "--format", "junit")
    assert done.code == 2
    root = ElementTree.fromstring(done.out)
    assert root.attrib == {"tests": "2", "failures": "1", "errors": "0"}
    suite = root.find("testsuite")
    assert suite.attrib["name"] == "p" and suite.attrib["failures"] == "1"
    passed, failed = suite.findall("testcase")
    assert passed.attrib == {"name": "x", "classname": "p", "file": f"{toy.pipelines}/p/tests/a.yaml", "line": "1"} and len(passed) == 0
    assert failed.attrib["name"] == "<b> & 'c' \\x1b[1m"
    assert failed.find("failure").attrib["message"] == "the rows differ: 1 changed (~), 0 missing (-), 0 unexpected (+)"
    assert '~ {id: 1}: v is "<&\\"]]>' in failed.find("failure").text


def test_json(toy):
    done = tried(toy, one([{"id": 1, "v": "a"}, {"id": 2}], {"rows": [{"id": 1, "v": "b"}, {"id": 3}], "count": 1}), "--format", "json")
    assert done.code == 2
    assert done.json == {
        "exit_code": 2,
        "passed": 0,
        "failed": 1,
        "updated": 0,
        "tests": [
            {
                "pipeline": "p",
                "name": "x",
                "file": f"{toy.pipelines}/p/tests/t.yaml",
                "line": 1,
                "outcome": "failed",
                "reasons": ["count of rows: expected 1, found 2"],
                "rows": {
                    "changed": [{"row": {"id": 1}, "columns": {"v": {"expected": "b", "found": "a"}}}],
                    "missing": [{"id": 3}],
                    "unexpected": [{"id": 2, "v": None, "n": None, "run_date": "2021-01-01"}],
                    "only_order": False,
                },
            }
        ],
    }
    done = tried(toy, "- {name: x}\n", "--format", "json")
    assert done.code == 78 and done.json["status"] == "failed" and "t.yaml:1:3" in done.json["error"]


def test_update_writes_what_came_out(toy):
    given = [{"id": 2, "v": "é\"\n", "n": 1}, {"id": 1, "v": None}]
    old = beside(toy, "old.ndjson", '{"id": 9}\n')
    kept = beside(toy, "kept.ndjson", '{"run_date":"2021-01-01", "id":1}\n')
    beside(toy, "a.yaml", json.dumps([one(given, {"file": "old.ndjson"}), one(given, {"file": "new.ndjson"}) | {"name": "y"}, one([{"id": 1}], {"file": "kept.ndjson"}) | {"name": "z"}]))
    refused(call(toy), 78, "new.ndjson: there is no such file")
    done = call(toy, "--update")
    assert done.code == 0, done.out + done.err
    assert f"updated p: x\n        wrote {old}\n" in done.out and done.out.endswith("3 tests: 1 ok, 0 failed, 2 updated\n")
    rows = [json.loads(line) for line in old.read_text().splitlines()]
    assert rows == [row | {"run_date": "2021-01-01", "n": row.get("n")} for row in given]
    assert (old.parent / "new.ndjson").read_bytes() == old.read_bytes() and kept.read_text().startswith('{"run_date"')
    assert call(toy).out.endswith("3 tests: 3 ok, 0 failed\n")


def test_update_leaves_what_is_no_file_of_rows(toy):
    kept = beside(toy, "rows.csv", "id\n5\n")
    test = [one([{"id": 1, "v": "x"}], {"rows": [{"id": 2, "v": "y"}], "count": 1}), one([{"id": 1}], {"file": "rows.csv"}) | {"name": "y"}]
    done = tried(toy, test, "--update")
    assert done.code == 2 and '          - {id: 1, v: "x"}\n' in done.out, done.out
    assert kept.read_text() == "id\n5\n" and json.loads((toy.pipelines / "p/tests/t.yaml").read_text()) == test


def test_update_makes_no_test_pass_that_fails_otherwise(toy):
    rows = beside(toy, "rows.ndjson", "")
    done = tried(toy, one([{"id": 1}], {"file": "rows.ndjson", "count": 7}), "--update")
    assert done.code == 2 and "count of rows: expected 7, found 1" in done.out and f"wrote {rows}" in done.out


def private(workspace, columns=None, target=None):
    """A pipeline whose raw day holds what nobody may see: 30 rows of 3 people."""
    columns = columns or {"id": "bigint", "v": "string", "n": "int", "r": "double", "de": "decimal(5,2)", "b": "boolean", "da": "date", "st": "struct<mail:string,k:int>"}
    pipeline(workspace, columns, target or columns, "SELECT * FROM source", key=["id", "n"], order=["r"])
    folder = workspace.day_folder()
    folder.mkdir(parents=True)
    values = "'secret \"text\"' || i % 3 AS v, CAST(31337 + i AS INT) AS n, 0.125::DOUBLE + i AS r, CAST(9.75 AS DECIMAL(5,2)) AS de, true AS b, DATE '2020-12-24' AS da"
    select = f"SELECT 4711 + i % 3 AS id, {values}, {{mail: 'a@b.example', k: 1}} AS st FROM range(30) t(i)"
    duckdb.sql(select).write_parquet(str(folder / "a.parquet"))
    return workspace.pipelines / "p/tests"


def test_a_test_of_real_rows(workspace):
    """The same rows each time; without a list of sensitive columns it says that nothing is masked."""
    folder = private(workspace)
    done = call(workspace, "p", "--from-day", "2021-01-01", "--rows", "7")
    assert done.code == 0 and "checks.sensitive_columns lists no column" in done.err, done.err
    assert "updated p: Rows of 2021-01-01\n" in done.out and f"wrote {folder}/day-2021-01-01-expected.ndjson" in done.out
    made = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(made) == ["day-2021-01-01-expected.ndjson", "day-2021-01-01.ndjson", "day-2021-01-01.yaml"]
    rows = [json.loads(line) for line in made["day-2021-01-01.ndjson"].splitlines()]
    assert len({row["n"] for row in rows}) == 7 and all(row["v"].startswith('secret "text"') and row["de"] == "9.75" for row in rows)
    assert call(workspace).code == 0
    refused(call(workspace, "p", "--from-day", "2021-01-01"), 78, "day-2021-01-01.yaml is there already")
    for path in folder.iterdir():
        path.unlink()
    assert call(workspace, "p", "--from-day", "2021-01-01", "--rows", "7").code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == made


def test_sensitive_values_stand_in_no_fixture(workspace):
    folder = private(workspace)
    done = call(workspace, "p", "--from-day", "2021-01-01", "--set", "checks.sensitive_columns=ID,v,n,r,de,b,da,mail", "--rows", "25")
    assert done.code == 0 and done.err == "", done.err
    told = "".join(path.read_text() for path in folder.glob("*.ndjson"))
    for secret in ["471", "secret", "3133", "3134", "3135", "3136", ".125", "9.75", "true", "2020", "example"]:
        assert secret not in told, secret
    rows = [json.loads(line) for line in (folder / "day-2021-01-01.ndjson").read_text().splitlines()]
    assert {row["id"] for row in rows} == {1, 2, 3} and {row["v"] for row in rows} == {"masked 1", "masked 2", "masked 3"}, "equal values stay equal"
    assert len({(row["id"], row["v"]) for row in rows}) == 3
    assert all(row["st"] is None and row["b"] is None and row["da"] is None for row in rows)
    assert sorted(row["n"] for row in rows) == list(range(1, 26)) and call(workspace).code == 0


def test_real_rows_that_cannot_be_chosen(workspace):
    folder = private(workspace, target={"id": "bigint", "shown": "string"})
    (workspace.pipelines / "p/transform.sql").write_text("SELECT id, v AS shown FROM source")
    made = ["p", "--from-day", "2021-01-01"]
    refused(call(workspace, *made, "--set", "checks.sensitive_columns=shown"), 78, "column 'shown' of the target is sensitive", "--set checks.sensitive_columns=")
    refused(call(workspace, "p", "--from-day", "2021-01-02"), 66, "2021/01/02")
    refused(call(workspace, "--from-day", "2021-01-01"), 64, "--from-day makes a test of one pipeline")
    refused(call(workspace, *made, "--rows", "0"), 64, "--rows: '0' is not a whole number from 1 to 1000")
    assert not folder.exists()


def test_real_rows_of_text(workspace):
    """Also where the columns of its files stand in another order."""
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT * FROM source", more={"source": {"format": "csv"}})
    folder = workspace.day_folder()
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("v,n,id\na,1,2\n")
    (folder / "b.csv").write_text('id,v,n\n3,"x,y",\n')
    done = call(workspace, "p", "--from-day", "2021-01-01")
    assert done.code == 0, done.out + done.err
    rows = [json.loads(line) for line in (workspace.pipelines / "p/tests/day-2021-01-01.ndjson").read_text().splitlines()]
    assert sorted(rows, key=lambda row: row["id"]) == [{"id": 2, "v": "a", "n": 1}, {"id": 3, "v": "x,y", "n": None}]


def test_real_rows_of_files_that_store_a_column_otherwise(workspace):
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT * FROM source")
    folder = workspace.day_folder()
    folder.mkdir(parents=True)
    duckdb.sql("SELECT 2::TINYINT AS id, 'a' AS v, 1::SMALLINT AS n, 5 AS other").write_parquet(str(folder / "a.parquet"))
    duckdb.sql("SELECT NULL::INT AS n, 3::BIGINT AS ID, 'b' AS v").write_parquet(str(folder / "b.parquet"))
    done = call(workspace, "p", "--from-day", "2021-01-01")
    assert done.code == 0, done.out + done.err
    rows = [json.loads(line) for line in (workspace.pipelines / "p/tests/day-2021-01-01.ndjson").read_text().splitlines()]
    assert sorted(rows, key=lambda row: row["id"]) == [{"id": 2, "v": "a", "n": 1}, {"id": 3, "v": "b", "n": None}]


def test_further_inputs_need_rows_of_their_own(joined):
    refused(call(joined, "p", "--from-day", "2021-01-01"), 78, "pipeline 'p' reads further inputs")


def test_update_keeps_bytes(workspace):
    pipeline(workspace, {"c": "binary"}, {"c": "binary"}, "SELECT * FROM source")
    beside(workspace, "old.ndjson", "")
    test = one([{"c": "a\\xFF\\x00"}, {"c": None}], {"file": "old.ndjson"})
    assert tried(workspace, test, "--update").code == 0
    assert tried(workspace, test).code == 0
    refused(tried(workspace, one([{"c": "é"}], [])), 78, "column 'c': 'é' is not of type binary")


def test_the_shipped_fixture_is_the_originals(shared):
    for ours, theirs in [("original_input", "test_transform_input"), ("original_expected", "test_transform_output_expected")]:
        assert (ROOT / f"pipelines/movie_ratings/tests/{ours}.ndjson").read_bytes() == (shared / f"data/transform/{theirs}.ndjson").read_bytes()
