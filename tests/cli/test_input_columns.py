"""The columns of raw files: any name and any type that holds no more than the declared one, on files that differ."""

import datetime
import decimal

import pyarrow as arrow
import pytest
from inputs import HOSTILE_NAMES, pipeline, refused, write


def published(workspace, query="*"):
    """Rows of the table after a run that must end well."""
    done = workspace.run("--pipeline", "p")
    assert done.code == 0, done.err
    return workspace.rows(query)


# ---- names


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_key_may_have_any_name(workspace, name):
    """Rows of two files, with duplicates inside of one and across both, ties that another column breaks, and a rest."""
    pipeline(workspace, {name: "bigint", "ts": "bigint", "v": "string"}, {"k": "bigint", "v": "string"}, keyed_by(name), key=[name], order=["ts"])
    write(workspace, {name: [1, 1, 2, 3], "ts": [1, 1, 1, 1], "v": ["b", "a", "c", "d"]}, "a.parquet")
    write(workspace, {name: [3, 4], "ts": [0, 1], "v": ["e", "f"]}, "b.parquet")
    assert published(workspace, "k, v") == [(1, "a"), (2, "c"), (3, "e"), (4, "f")]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_an_undeclared_column_may_have_any_name(workspace, name):
    """All rows have the same value in it, as if they were one row of one file."""
    pipeline(workspace, {"k": "bigint", "ts": "bigint"}, {"k": "bigint", "ts": "bigint"}, "SELECT k, ts FROM source", key=["k"], order=["ts"])
    write(workspace, {"k": [1, 2, 2, 3], "ts": [1, 2, 1, 1], name: [0] * 4}, "a.parquet")
    write(workspace, {"k": [3, 4, 5, 6], "ts": [2, 1, 1, 1], name: [0] * 4}, "b.parquet")
    assert published(workspace, "k, ts") == [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)]


def keyed_by(name):
    quoted = name.replace('"', '""')
    return f'SELECT "{quoted}" AS k, v FROM source'


@pytest.mark.parametrize("name", ["metl_0", "METL_row", "metl_"])
def test_the_programs_own_names_are_refused(workspace, name):
    pipeline(workspace, {name: "bigint"}, {"k": "bigint"}, f"SELECT {name} AS k FROM source")
    refused(workspace.run("--pipeline", "p"), 78, "pipeline.yaml:", f"column '{name}'", "the program's own")


@pytest.mark.parametrize("name", ["", "a\nb", "a\x1f"])
def test_a_name_that_sql_cannot_have_is_refused(workspace, name):
    pipeline(workspace, {name: "bigint"}, {"k": "bigint"}, "SELECT 1 AS k FROM source")
    refused(workspace.run("--pipeline", "p"), 78, "pipeline.yaml:", "a column's name must")


def test_of_two_names_that_differ_in_case_the_exact_one_is_read(workspace):
    pipeline(workspace, {"id": "bigint"}, {"id": "bigint"}, "SELECT id FROM source")
    write(workspace, {"ID": [900], "id": [1]}, "a.parquet")
    write(workspace, {"id": [2], "Id": [901]}, "b.parquet")
    write(workspace, {"ID": [3]}, "c.parquet")
    assert published(workspace, "id") == [(1,), (2,), (3,)]


def test_of_two_names_none_of_which_is_exact_none_is_read(workspace):
    pipeline(workspace, {"id": "bigint"}, {"id": "bigint"}, "SELECT id FROM source")
    write(workspace, {"ID": [900], "Id": [1]}, "a.parquet")
    refused(workspace.run("--pipeline", "p"), 3, "a.parquet: 2 columns are named 'id' but for the case of letters")


# ---- types

DAY = datetime.datetime(2021, 1, 1, 0, 0, 0, 123456)
WIDENED = {  # declared type, Arrow type, values, what SQL sees; and what another file of the day holds, after or before
    "uint32": ("bigint", arrow.uint32(), [1, None], "v - 5", [-4, None]),
    "uint8": ("int", arrow.uint8(), [200], "-v", [-200]),
    "int8": ("double", arrow.int8(), [3], "v / 2", [1.5]),
    "int32": ("bigint", arrow.int32(), [2**31 - 1], "v + 1", [2**31]),
    "uint64": ("decimal(20,0)", arrow.uint64(), [2**64 - 1], "v", [decimal.Decimal(2**64 - 1)]),
    "float": ("double", arrow.float32(), [0.5], "v", [0.5]),
    "decimal": ("decimal(20,4)", arrow.decimal128(5, 2), [decimal.Decimal("1.25")], "v", [decimal.Decimal("1.2500")]),
    "whole decimal": ("bigint", arrow.decimal128(9, 0), [decimal.Decimal(7)], "v", [7]),
    "date": ("timestamp_ntz", arrow.date32(), [datetime.date(2021, 1, 1)], "v", [datetime.datetime(2021, 1, 1)]),
    "time": ("string", arrow.time64("us"), [datetime.time(1, 2, 3)], "v || '!'", ["01:02:03!"]),
    "nanoseconds": ("timestamp_ntz", arrow.timestamp("ns"), [1609459200123456000], "v", [DAY]),
    "only nulls": ("array<struct<id:bigint,name:string>>", arrow.null(), [None, None], "v", [None, None]),
    "empty lists": ("array<struct<id:bigint,name:string>>", arrow.list_(arrow.null()), [[], None, [None]], "v", [[], None, [None]]),
    "lists of nulls": (
        "array<struct<id:bigint,tags:array<string>>>",
        arrow.list_(arrow.struct([("id", arrow.null()), ("tags", arrow.null())])),
        [[], None, [None, {"id": None, "tags": None}]],
        "v",
        [[], None, [None, {"id": None, "tags": None}]],
    ),
    "a field of nulls": (
        "struct<a:bigint,b:struct<c:date>>",
        arrow.struct([("a", arrow.int16()), ("b", arrow.null())]),
        [{"a": 1, "b": None}, None],
        "v",
        [{"a": 1, "b": None}, None],
    ),
    "a map of nulls": ("map<string,date>", arrow.map_(arrow.string(), arrow.null()), [[("k", None)], []], "v", [{"k": None}, {}]),
    "nested": (
        "array<struct<id:bigint,name:string>>",
        arrow.list_(arrow.struct([("id", arrow.uint16()), ("name", arrow.string())])),
        [[{"id": 1, "name": "x"}, None], [], None],
        "v",
        [[{"id": 1, "name": "x"}, None], [], None],
    ),
}


@pytest.mark.parametrize("kind", WIDENED)
def test_a_narrower_type_is_read_as_the_declared_one(workspace, kind):
    declared, stored, values, select, expected = WIDENED[kind]
    pipeline(workspace, {"id": "bigint", "v": declared}, {"id": "bigint", "v": declared}, f"SELECT id, {select} AS v FROM source")
    write(workspace, {"id": range(len(values)), "v": arrow.array(values, stored)})
    assert [v for _, v in published(workspace, "id, v")] == expected


def test_an_identifier_is_read_as_its_text(workspace):
    pipeline(workspace, {"v": "string"}, {"v": "string"}, "SELECT upper(v) AS v FROM source")
    workspace.write_sql("SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID AS v")
    assert published(workspace, "v") == [("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",)]


@pytest.mark.parametrize("first", ["a.parquet", "z.parquet"])
def test_files_of_a_day_may_store_a_column_in_several_ways(workspace, first):
    """Whichever comes first: none of them says what the others are read as. Duplicates are found across all of them."""
    columns = {"k": "bigint", "v": "timestamp_ntz", "g": "array<struct<id:bigint>>"}
    pipeline(workspace, columns, columns, "SELECT k, v, g FROM source", key=["k"], order=["v"])
    far = datetime.datetime(9999, 12, 31)
    write(workspace, {"k": arrow.array([1, 2], arrow.uint32()), "v": arrow.array([1609459200123456000] * 2, arrow.timestamp("ns")), "g": arrow.nulls(2)}, first)
    write(workspace, {"k": [5000000000, 2], "v": arrow.array([far, far], arrow.timestamp("us")), "g": [[{"id": 2**40}], []]}, "m.parquet")
    write(workspace, {"k": arrow.array([7, 1], arrow.int8()), "v": [datetime.date(2021, 1, 1)] * 2, "g": arrow.nulls(2), "file_index": [0, 0]}, "n.parquet")
    midnight = datetime.datetime(2021, 1, 1)
    assert published(workspace, "k, v, g") == [(1, midnight, None), (2, DAY, None), (7, midnight, None), (5000000000, far, [{"id": 2**40}])]


FINER = {  # Arrow type, its name in the warning, and where in the column it stands
    "v": (arrow.timestamp("ns"), "timestamp_ntz", "v: timestamp[ns]"),
    "zoned": (arrow.timestamp("ns", "UTC"), "timestamp", "zoned: timestamp[ns, UTC]"),
    "clock": (arrow.time64("ns"), "string", "clock: time[ns]"),
    "list": (arrow.list_(arrow.timestamp("ns")), "array<timestamp_ntz>", "list.list.element: timestamp[ns]"),
    "struct": (arrow.struct([("a", arrow.timestamp("ns", "UTC"))]), "struct<a:timestamp>", "struct.a: timestamp[ns, UTC]"),
    "map": (arrow.map_(arrow.string(), arrow.timestamp("ns")), "map<string,timestamp_ntz>", "map.key_value.value: timestamp[ns]"),
}
NANOSECONDS = 123456789  # since midnight, or since 1970
NESTED = {"list": [NANOSECONDS], "struct": {"a": NANOSECONDS}, "map": [("k", NANOSECONDS)]}


@pytest.mark.parametrize("name", FINER)
def test_digits_below_a_microsecond_are_not_cut_in_silence(workspace, name):
    stored, declared, told = FINER[name]
    pipeline(workspace, {name: declared}, {"n": "bigint"}, f"SELECT count(DISTINCT {name}::VARCHAR) AS n FROM source")
    path = write(workspace, {name: arrow.array([NESTED.get(name, NANOSECONDS)], stored)})
    warning = f"column '{name}' holds times of nanoseconds ({told}) in {path}: they are cut to microseconds"
    done = workspace.run("--pipeline", "p")
    assert done.code == 0 and warning in done.err, done.err
    (workspace.root / "checks.yml").write_text("checks for raw:\n  - row_count = 1\n")
    done = workspace.call([workspace.command()[0], "check", "checks.yml", "--dataset", f"raw={path}"])
    assert done.code == 0 and warning in done.err, done.err


def test_only_what_is_read_and_has_such_digits_is_warned_of(workspace):
    pipeline(workspace, {"v": "timestamp_ntz"}, {"v": "timestamp_ntz"}, "SELECT v FROM source")
    columns = {"v": arrow.array([1], arrow.timestamp("us")), "other": arrow.array([NANOSECONDS], arrow.timestamp("ns"))}
    write(workspace, columns)
    done = workspace.run("--pipeline", "p")
    assert done.code == 0 and "nanoseconds" not in done.err, done.err


def test_many_files_with_such_digits_are_one_warning(workspace):
    pipeline(workspace, {"v": "timestamp_ntz"}, {"v": "timestamp_ntz"}, "SELECT v FROM source")
    for name in ("a.parquet", "b.parquet", "c.parquet"):
        write(workspace, {"v": arrow.array([NANOSECONDS], arrow.timestamp("ns"))}, name)
    done = workspace.run("--pipeline", "p")
    assert done.code == 0 and done.err.count("nanoseconds") == 1 and "a.parquet and 2 more files" in done.err, done.err


def test_times_of_96_bits_are_instants(workspace):
    pipeline(workspace, {"v": "timestamp"}, {"v": "timestamp"}, "SELECT v FROM source")
    write(workspace, {"v": arrow.array([datetime.datetime(2021, 1, 1)], arrow.timestamp("us"))}, use_deprecated_int96_timestamps=True)
    assert published(workspace, "v::VARCHAR AS v") == [("2021-01-01 00:00:00+00",)]


@pytest.mark.parametrize(
    ("declared", "stored", "values"),
    [
        ("int", arrow.int64(), [1]),
        ("int", arrow.uint32(), [1]),
        ("bigint", arrow.uint64(), [1]),
        ("float", arrow.float64(), [1.0]),
        ("double", arrow.int64(), [1]),
        ("bigint", arrow.string(), ["1"]),
        ("string", arrow.int64(), [1]),
        ("decimal(10,2)", arrow.decimal128(10, 3), [decimal.Decimal("1.125")]),
        ("timestamp", arrow.timestamp("us"), [DAY]),
        ("timestamp", arrow.date32(), [datetime.date(2021, 1, 1)]),
        ("date", arrow.timestamp("us"), [DAY]),
        ("string", arrow.binary(), [b"x"]),
        ("struct<a:bigint>", arrow.struct([("b", arrow.int64())]), [{"b": 1}]),
    ],
)
def test_a_type_that_would_lose_or_guess_is_refused(workspace, declared, stored, values):
    pipeline(workspace, {"v": declared}, {"v": declared}, "SELECT v FROM source")
    path = write(workspace, {"v": arrow.array(values, stored)})
    refused(workspace.run("--pipeline", "p"), 3, f"{path}: column 'v' has type ", f"expected {declared}")
    assert not workspace.table.exists()


def test_all_differences_of_all_files_are_told_at_once(workspace):
    pipeline(workspace, {"a": "bigint", "b": "int"}, {"a": "bigint"}, "SELECT a FROM source")
    one = write(workspace, {"a": ["x"], "b": [2**40]}, "1.parquet")
    two = write(workspace, {"a": [1]}, "2.parquet")
    refused(
        workspace.run("--pipeline", "p"),
        3,
        f"{one}: column 'a' has type string, expected bigint\n  {one}: column 'b' has type bigint, expected int\n  {two}: column 'b' (int) is missing.",
    )
