"""What a day may hold on Spark: any names, narrower types, files that store a column in several ways; the same table as DuckDB's."""

import datetime
import decimal

import pyarrow as arrow
import pytest
from inputs import HOSTILE_NAMES, pipeline, refused, write
from outcome import on
from test_parity import same

FAR = datetime.datetime(9999, 12, 31)


@pytest.mark.parametrize("declared", [True, False])
def test_columns_of_any_name(workspace, server, left_alone, declared):
    """All of them at once: as the key or the other columns of the dedupe, or beside the declared ones."""
    names = [*{name.lower(): name for name in HOSTILE_NAMES}.values(), "k"]
    columns = dict.fromkeys(names, "bigint") if declared else {"k": "bigint"}
    pipeline(workspace, columns, {"k": "bigint"}, "SELECT k FROM source", key=list(columns)[:3], order=list(columns)[-1:])
    write(workspace, {name: [1, 1, 2, 2] for name in names[:-1]} | {"k": [1, 1, 2, 3]}, "a.parquet")
    write(workspace, {name: [2, 3] for name in names[:-1]} | {"k": [1, 4]}, "b.parquet")
    seen = same(workspace, server.url, flags=("--pipeline", "p"))
    assert seen["code"] == 0 and seen["duplicates"] == (3 if declared else 2), seen


@pytest.mark.parametrize("dedupe", [True, False])
def test_files_that_store_a_column_in_several_ways(workspace, server, left_alone, dedupe):
    columns = {"k": "bigint", "v": "timestamp_ntz", "t": "timestamp", "d": "decimal(20,4)", "r": "double", "g": "array<struct<id:bigint>>"}
    pipeline(workspace, columns, columns, "SELECT k - 5 AS k, v, t, d, r, g FROM source", key=["k"] if dedupe else None, order=["v"])
    narrow = {
        "k": arrow.array([1, 2], arrow.uint32()),
        "v": arrow.array([1609459200123456000] * 2, arrow.timestamp("ns")),
        "t": arrow.array([1609459200123456000] * 2, arrow.timestamp("ns", "UTC")),
        "d": arrow.array([decimal.Decimal("1.25")] * 2, arrow.decimal128(5, 2)),
        "r": arrow.array([0.5, None], arrow.float32()),
        "g": arrow.array([[{"id": 1}], None], arrow.list_(arrow.struct([("id", arrow.int32())]))),
    }
    write(workspace, narrow, "a.parquet")
    wide = {
        "k": [5000000000, 2],
        "v": arrow.array([FAR, FAR], arrow.timestamp("us")),
        "t": arrow.array([FAR, FAR], arrow.timestamp("us", "UTC")),
        "d": arrow.array([7, 8], arrow.uint16()),
        "r": arrow.array([3, 4], arrow.int32()),
        "g": [[{"id": 2**40}], []],
    }
    write(workspace, wide, "b.parquet")
    empty = {"k": arrow.array([9], arrow.int8()), "v": [datetime.date(2021, 1, 1)], "g": arrow.nulls(1), "d": arrow.nulls(1), "r": arrow.nulls(1)}
    write(workspace, empty | {"t": arrow.nulls(1)}, "c.parquet")
    seen = same(workspace, server.url, flags=("--pipeline", "p"))
    assert seen["code"] == 0 and seen["table"]["rows"] == (4 if dedupe else 5), seen


def test_nulls_of_no_type_of_their_own(workspace, server, left_alone):
    """Writers that saw only empty lists or no value at all know no type: the column is read as the declared one."""
    columns = {
        "k": "bigint",
        "l": "array<struct<id:bigint,tags:array<string>>>",
        "e": "array<struct<id:bigint>>",
        "s": "struct<a:bigint,b:struct<c:date>>",
        "m": "map<string,date>",
    }
    pipeline(workspace, columns, columns, "SELECT k, l, e, s, m FROM source", key=["k"], order=["k"])
    nothing = arrow.struct([("id", arrow.null()), ("tags", arrow.null())])
    narrow = {
        "k": [1, 2, 3],
        "l": arrow.array([[], None, [None, {"id": None, "tags": None}]], arrow.list_(nothing)),
        "e": arrow.array([[], None, [None]], arrow.list_(arrow.null())),
        "s": arrow.array([{"a": 1, "b": None}, None, {"a": None, "b": None}], arrow.struct([("a", arrow.int16()), ("b", arrow.null())])),
        "m": arrow.array([[], None, [("x", None)]], arrow.map_(arrow.string(), arrow.null())),
    }
    write(workspace, narrow, "a.parquet")
    wide = {
        "k": [3, 4],
        "l": [[], [{"id": 2**40, "tags": ["x"]}]],
        "e": [[{"id": 2**40}]] * 2,
        "s": [{"a": 2**40, "b": {"c": datetime.date(2021, 1, 1)}}] * 2,
        "m": arrow.array([[("x", datetime.date(2021, 1, 1))], []], arrow.map_(arrow.string(), arrow.date32())),
    }
    write(workspace, wide, "b.parquet")
    seen = same(workspace, server.url, flags=("--pipeline", "p"))
    assert seen["code"] == 0 and seen["table"]["rows"] == 4, seen


def test_times_of_nanoseconds_are_cut_with_a_warning(workspace, server, left_alone):
    pipeline(workspace, {"v": "timestamp"}, {"v": "timestamp"}, "SELECT v FROM source")
    path = write(workspace, {"v": arrow.array([123456789], arrow.timestamp("ns", "UTC"))})
    done = workspace.run("--pipeline", "p", *on(server.url))
    assert done.code == 0 and f"column 'v' holds times of nanoseconds (v: timestamp[ns, UTC]) in {path}" in done.err, done.err


def test_nested_times_of_nanoseconds_are_refused(workspace, server, left_alone):
    pipeline(workspace, {"v": "array<timestamp>"}, {"v": "array<timestamp>"}, "SELECT v FROM source")
    path = write(workspace, {"v": arrow.array([[123456789]], arrow.list_(arrow.timestamp("ns", "UTC")))})
    refused(workspace.run("--pipeline", "p", *on(server.url)), 3, f"{path}: column 'v' holds v.list.element: timestamp[ns, UTC]", "--engine duckdb")


def test_times_of_96_bits(workspace, server, left_alone):
    pipeline(workspace, {"v": "timestamp"}, {"v": "timestamp"}, "SELECT v FROM source")
    old = datetime.datetime(1850, 1, 1, 12, 0, 0, 5)
    write(workspace, {"v": arrow.array([datetime.datetime(2021, 1, 1), old], arrow.timestamp("us"))}, use_deprecated_int96_timestamps=True)
    assert same(workspace, server.url, flags=("--pipeline", "p"))["table"]["rows"] == 2


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"ID": [1], "id": [2], "v": ["x"]}, "2 columns are named 'id'"),
        ({"id": [1], "v": [datetime.time(1)]}, "column 'v' has type time, which Spark does not read as string"),
    ],
)
def test_what_spark_cannot_read_is_refused(workspace, server, left_alone, columns, said):
    pipeline(workspace, {"id": "bigint", "v": "string"}, {"id": "bigint", "v": "string"}, "SELECT id, v FROM source")
    path = write(workspace, columns)
    refused(workspace.run("--pipeline", "p", *on(server.url)), 3, f"{path}: {said}", "--engine duckdb")


@pytest.mark.parametrize(
    "reach",
    ["parquet.`file://{root}/other.parquet`", "text.`/etc/hostname`", "(SELECT reflect('java.lang.System', 'getenv', 'HOME'))", "range(1)) AS a) AS b, (SELECT id, v FROM source"],
)
def test_a_transform_reads_nothing_but_the_day(workspace, server, left_alone, reach):
    write(workspace, {"id": [7]}, "other.parquet").rename(workspace.root / "other.parquet")
    pipeline(workspace, {"id": "bigint", "v": "string"}, {"id": "bigint", "v": "string"}, "SELECT id, (SELECT count(*) FROM %s) AS v FROM source" % reach.format(root=workspace.root))
    write(workspace, {"id": [1], "v": ["x"]})
    refused(workspace.run("--pipeline", "p", *on(server.url)), 78, "transform.sql: ")
    assert not workspace.table.exists()


def test_sums_and_variables(workspace, server, left_alone):
    select = "SELECT id, '${run_date} ${env}' AS v FROM source WHERE id > 1; -- done"
    pipeline(workspace, {"id": "bigint", "v": "string"}, {"id": "bigint", "v": "string"}, select, key=["id"], order=["v"])
    write(workspace, {"id": [1, 1, 2, 3], "v": ["a", "b", "c", "d"]})
    seen = same(workspace, server.url, flags=("--pipeline", "p"))
    assert (seen["read"], seen["duplicates"], seen["dropped"], seen["staged"]) == (4, 1, 1, 2)
