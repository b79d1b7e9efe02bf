"""Raw days of CSV and JSON lines: every value as it is, or an error that says where; nothing is rounded, cut or left out."""

import datetime
import gzip
import json
from decimal import Decimal

import pytest
from inputs import pipeline, refused, write_text

COLUMNS = {"k": "bigint", "name": "string", "price": "decimal(10,2)", "share": "double", "ok": "boolean", "day": "date", "seen": "timestamp"}
SELECT = "SELECT " + ", ".join(COLUMNS) + " FROM source"
CSV = {"source": {"format": "csv"}}
JSON = {"source": {"format": "json"}}


def csv_pipeline(workspace, columns=None, more=CSV, **options):
    columns = columns or COLUMNS
    pipeline(workspace, columns, columns, f"SELECT {', '.join(columns)} FROM source", more=more, **options)


def test_csv(workspace):
    csv_pipeline(workspace)
    # Quotes may hold the end of a line.
    header = "name,k,other,seen,day,ok,share,price\r\n"
    rows = '"a ""b"",\nc",9007199254740993,x,2021-01-01T10:00:00.123456Z,2021-01-01,true,0.1,12.50\r\n"",2,,2021-01-01 10:00:00+02:00,,,,\r\n'
    write_text(workspace, "\ufeff" + header + rows, "a.csv")
    write_text(workspace, gzip.compress(b"K,NAME,PRICE,SHARE,OK,DAY,SEEN\n3,,7,1e3,false,2020-02-29,\n"), "b.CSV.gz")
    report = workspace.published("--pipeline", "p")
    assert (report["source"]["files"], report["source"]["rows"]) == (2, 3), report
    utc = datetime.timezone.utc
    first = datetime.datetime(2021, 1, 1, 10, 0, 0, 123456, utc)
    assert workspace.rows("k, name, price, share, ok, day, seen::VARCHAR", order="k") == [
        (2, "", None, None, None, None, "2021-01-01 08:00:00+00"),
        (3, None, Decimal("7.00"), 1000.0, False, datetime.date(2020, 2, 29), None),
        (9007199254740993, 'a "b",\nc', Decimal("12.50"), 0.1, True, datetime.date(2021, 1, 1), first.strftime("%Y-%m-%d %H:%M:%S.%f+00")),
    ]
    assert workspace.leftovers() == []


def test_the_grammar_of_a_csv_file_can_be_said(workspace):
    csv_pipeline(workspace, {"k": "bigint", "name": "string"}, {"source": {"format": "csv", "csv": {"delimiter": "\t", "quote": "'", "null_value": "NA"}}})
    write_text(workspace, "k\tname\n1\t'it''s\ta'\nNA\tNA\n2\t'NA'\n", "a.csv")
    workspace.published("--pipeline", "p")
    assert workspace.rows("k, name", order="k NULLS LAST") == [(1, "it's\ta"), (2, "NA"), (None, None)]


def test_names_of_a_header_that_are_odd(workspace):
    """None before the others, as an index has; quotes, the delimiter, the text for NULL."""
    columns = {"k": "bigint", "a,b": "string", "NA": "string"}
    pipeline(workspace, columns, {"k": "bigint", "x": "string", "y": "string"}, 'SELECT k, "a,b" AS x, "NA" AS y FROM source', more={"source": {"format": "csv", "csv": {"null_value": "NA"}}})
    write_text(workspace, ',"a,b", NA ,k,\n0,x,NA,1,\n', "a.csv")
    workspace.published("--pipeline", "p")
    assert workspace.rows("k, x, y") == [(1, "x", None)]


def test_json_lines(workspace):
    columns = {"k": "bigint", "name": "string", "price": "decimal(20,3)", "tags": "array<struct<id:bigint,n:string>>", "seen": "timestamp"}
    csv_pipeline(workspace, columns, JSON, key=["k"], order=["seen"])
    lines = [
        {"k": 9007199254740993, "name": "é", "price": 1.25, "tags": [{"id": 2**53 + 1, "n": None}], "seen": "2021-01-01T10:00:00Z"},
        {"k": 9007199254740993, "name": "later", "seen": "2021-01-02T10:00:00Z", "other": {"a": 1}},
        {"k": 1.0, "name": 5, "tags": []},
    ]
    write_text(workspace, "\n\n".join(json.dumps(line) for line in lines) + "\n", "a.jsonl")
    report = workspace.published("--pipeline", "p")
    assert report["duplicates_dropped"] == 1, report
    assert workspace.rows("k, name, price, tags", order="k") == [
        (1, "5", None, []),
        (9007199254740993, "é", Decimal("1.250"), [{"id": 2**53 + 1, "n": None}]),
    ]


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        *[("bigint", value) for value in ("1.7", "abc", "9223372036854775808", "1_000", "0x10", "true")],
        *[("int", value) for value in ("3000000000", "1.5")],
        *[("decimal(10,2)", value) for value in ("1.239", "123456789.00", "x")],
        *[("date", value) for value in ("2021-13-01", "2021-01-01 10:00:00", "01/02/2021")],
        *[("timestamp", value) for value in ("2021-01-01 10:00:00.1234567", "yesterday")],
        *[("timestamp_ntz", value) for value in ("2021-01-01 10:00:00+02:00", "2021-01-01T10:00:00Z")],
        *[("boolean", value) for value in ("perhaps",)],
        *[("double", value) for value in ("1,5", "one")],
    ],
)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_value_that_its_type_cannot_hold(workspace, type_name, value, form):
    columns = {"k": "bigint", "v": type_name}
    csv_pipeline(workspace, columns, {"source": {"format": form}})
    if form == "csv":
        path = write_text(workspace, f'k,v\n1,\n2,"{value}"\n3,\n', "a.csv")
    else:
        path = write_text(workspace, "\n".join(json.dumps({"k": k, "v": value if k == 2 else None}) for k in (1, 2, 3)), "a.json")
    done = refused(workspace.run("--pipeline", "p"), 3, f"{path}: record 2: the value of column 'v' is not of type {type_name}, or has more digits than that holds")
    assert f"'{value}'" not in done.err, "a value may be a person's"
    assert not (workspace.table / "_delta_log").exists()


def test_a_nested_number_is_not_rounded(workspace):
    csv_pipeline(workspace, {"k": "bigint", "v": "struct<a:array<bigint>>"}, JSON)
    path = write_text(workspace, '{"k": 1, "v": {"a": [1, 2]}}\n{"k": 2, "v": {"a": [1.5]}}\n', "a.json")
    refused(workspace.run("--pipeline", "p"), 3, f"{path}: record 2: the value of column 'v'")


def test_a_nested_value_of_another_kind_is_not_shown(workspace):
    csv_pipeline(workspace, {"k": "bigint", "v": "struct<a:array<bigint>>"}, JSON)
    path = write_text(workspace, '{"k": 1, "v": {"a": ["secret"]}}\n', "a.json")
    done = refused(workspace.run("--pipeline", "p"), 3, f"{path}: near line 1: ")
    assert "secret" not in done.err, done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.csv:1: there is no header line"),
        ("k,nam\n1,a\n", "a.csv:1: column 'name' (string) is missing. Did you mean 'nam'?"),
        ("k,name,name\n1,a,b\n", "a.csv:1: 2 columns are named 'name'"),
        ("k,Name,NAME\n1,a,b\n", "a.csv:1: 2 columns are named 'name'"),
        ("k,name\n1,a\n2\n", "near line 3: Expected Number of Columns: 2 Found: 1"),
        ("k,name\n1,a,b\n", "near line 2: Expected Number of Columns: 2 Found: 3"),
        ('k,name\n1,"a\n', "near line 2: Value with unterminated quote found."),
        ('k,name\n1,"secret\nsecret"x\n', "near line 2: Value with unterminated quote found."),
        (b"k,name\nsecret,\xff\xfe\n", "near line 2: Invalid unicode"),
    ],
)
def test_a_csv_file_that_is_none(workspace, text, said):
    csv_pipeline(workspace, {"k": "bigint", "name": "string"})
    path = write_text(workspace, text, "a.csv")
    done = refused(workspace.run("--pipeline", "p"), 3, str(path), said)
    assert "strict_mode" not in done.err and "Original Line" not in done.err and "secret" not in done.err, done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *[(text, "it is not JSON there, a value does not fit") for text in ('{"k": 1\n', '{"k": secret}\n', '[{"k": 1}]\n', '{"k": 1, "k": "secret"}\n')],
        ('{"K": 1, "name": "a"}\n', "no object has a key 'k', but there is 'K'"),
    ],
)
def test_a_json_file_that_is_none(workspace, text, said):
    csv_pipeline(workspace, {"k": "bigint", "name": "string"}, JSON)
    path = write_text(workspace, text, "a.json")
    done = refused(workspace.run("--pipeline", "p"), 3, str(path), said)
    assert "secret" not in done.err, done.err


def test_an_object_without_keys_is_a_row_and_a_bare_value_is_none(workspace):
    csv_pipeline(workspace, {"k": "bigint"}, JSON)
    path = write_text(workspace, "{}\n", "a.json")
    workspace.published("--pipeline", "p")
    assert workspace.rows("k") == [(None,)]
    path.write_text("5\n")
    refused(workspace.run("--pipeline", "p"), 3, f"{path}: near line 1: it is not JSON there")


def test_a_key_that_no_object_has_is_told(workspace):
    csv_pipeline(workspace, {"k": "bigint", "name": "string"}, JSON)
    write_text(workspace, '{"k": 1}\n', "a.json")
    done = workspace.run("--pipeline", "p")
    assert done.code == 0 and "column 'name' has no value in any of 1 JSON files" in done.err, done.err


@pytest.mark.parametrize("empty", ["fail", "keep", "clear"])
def test_a_day_without_records(workspace, empty):
    csv_pipeline(workspace, {"k": "bigint", "name": "string"}, {**CSV, "dedupe": {"key": ["k"], "order": ["name"]}})
    definition = json.loads((workspace.pipelines / "p" / "pipeline.yaml").read_text())
    (workspace.pipelines / "p" / "pipeline.yaml").write_text(json.dumps({**definition, "on_empty_input": empty}))
    write_text(workspace, "k,name\n1,a\n", "a.csv")
    workspace.published("--pipeline", "p")
    write_text(workspace, "k,name\n", "a.csv")
    done = workspace.run("--pipeline", "p")
    assert done.code == (66 if empty == "fail" else 0), done.err
    assert len(workspace.rows()) == (0 if empty == "clear" else 1)
    assert workspace.leftovers() == []


def test_other_files_of_the_day_are_named(workspace):
    csv_pipeline(workspace, {"k": "bigint", "name": "string"})
    write_text(workspace, "k,name\n1,a\n", "a.csv")
    write_text(workspace, "{}", "b.parquet")
    done = workspace.run("--pipeline", "p")
    assert done.code == 0 and "b.parquet (its name does not end in .csv, .csv.gz, .csv.zst)" in done.err, done.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"source": {"format": "cvs"}}, "'source.format' must be one of parquet, csv, json, not 'cvs'."),
        ({"source": {"format": "json", "csv": {"quote": "'"}}}, "'source.csv' is for files of format csv"),
        ({"source": {"format": "csv", "csv": {"delimiter": "||"}}}, "'source.csv.delimiter' must be one ASCII character, not '||'"),
        ({"source": {"format": "csv", "csv": {"delimiter": '"'}}}, "delimiter and quote are the same character"),
        ({"source": {"format": "csv", "csv": {"null_value": "a,b"}}}, "null_value holds the delimiter, the quote or the end of a line"),
        ({"source": {"format": "csv", "csv": {"delimeter": ";"}}}, "unknown key 'source.csv.delimeter'. Did you mean 'delimiter'?"),
        ({"source": {"format": "csv", "columns": {"k": "array<bigint>"}}}, "column 'k' is array<bigint>, which CSV files cannot hold"),
        ({"source": {"format": "json", "columns": {"k": "binary"}}}, "column 'k' is binary, which JSON files cannot hold"),
    ],
)
def test_a_format_that_makes_no_sense(workspace, more, said):
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT 1 AS k FROM source", more=more)
    refused(workspace.run("--pipeline", "p"), 78, "pipeline.yaml:", said)
