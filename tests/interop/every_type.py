"""Days of seeded rows of every type that a pipeline can have, extremes among them, and conditions on them."""

import datetime
import math
import random
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as parquet
from readers import Condition

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
LARGEST = "\U0010ffff"
NUL = "nul\0l"  # no SQL can say it
ROWS = 120  # of a day, which is one file

# Arrow's type, the pipeline's, ordinary values, and values at the edge of what there is.
TYPES = {
    "flag": (pa.bool_(), "boolean", [True, False], [True]),
    "i8": (pa.int8(), "tinyint", [1, 2, 3], [-128, 127]),
    "i16": (pa.int16(), "smallint", [1, 2, 3], [-(2**15), 2**15 - 1]),
    "i32": (pa.int32(), "int", [1, 2, 3], [-(2**31), 2**31 - 1]),
    "i64": (pa.int64(), "bigint", [1, 2, 3], [-(2**63), 2**63 - 1, 2**53 + 1]),
    "f": (pa.float32(), "float", [0.1, 0.3, 16777217.0], [1e-45, -3.4028234663852886e38, 0.0, -0.0]),
    "d": (pa.float64(), "double", [0.1, 0.3, 1e20], [5e-324, 1.7976931348623157e308, 0.0, -0.0]),
    "dec9": (pa.decimal128(9, 2), "decimal(9,2)", [Decimal("1.01"), Decimal("1.02")], [Decimal("-9999999.99")]),
    "dec18": (pa.decimal128(18, 4), "decimal(18,4)", [Decimal("0.1001"), Decimal("0.1")], [Decimal("99999999999999.9999")]),
    "dec38": (
        pa.decimal128(38, 18),
        "decimal(38,18)",
        [Decimal("1.000000000000000001"), Decimal("1.000000000000000002"), Decimal("0.5")],
        [Decimal("12345678901234567890.123456789012345678"), Decimal("-0.000000000000000001")],
    ),
    "fraction": (pa.decimal128(38, 38), "decimal(38,38)", [Decimal("0." + "1" * 38), Decimal("0." + "1" * 37)], [Decimal("-0." + "9" * 38)]),
    "text": (pa.string(), "string", ["a", "b", "é" * 40], ["", "x" * 300, "Ü" * 200, LARGEST * 34 + "a", NUL, 'quo"te\\\n', "x" * 31 + "éé"]),
    "bytes": (pa.binary(), "binary", [b"a", b"b"], [b"", b"\x00\xff", b"\xff" * 300]),
    "date": (pa.date32(), "date", [datetime.date(2021, 1, 1), datetime.date(1999, 12, 31)], [datetime.date(1, 1, 1), datetime.date(9999, 12, 31)]),
    "ts": (
        pa.timestamp("us", "UTC"),
        "timestamp",
        [datetime.datetime(2021, 1, 1, 10, 0, 0, 123456, UTC), datetime.datetime(2021, 12, 31, 23, 59, 59, 999999, UTC)],
        [datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), datetime.datetime(1, 1, 1, tzinfo=UTC)],
    ),
    "ntz": (
        pa.timestamp("us"),
        "timestamp_ntz",
        [datetime.datetime(2021, 1, 1, 10, 0, 0, 123456), datetime.datetime(2021, 12, 31, 23, 59, 59, 999001)],
        [datetime.datetime(1582, 10, 10, 1, 2, 3), datetime.datetime(1, 1, 1)],
    ),
}
FIELD = (pa.int64(), "bigint", [1, 2, 3], [10**15])
TWIN = (pa.int64(), "bigint", [101, 102, 103], [-(10**15)])
NESTED = "struct<x:bigint,`y.z`:double>"

# What readers cannot be told a bound of: whole numbers of days and microseconds since 1970, and what is not a number.
BEYOND = {"f": [math.nan, math.inf, -math.inf], "d": [math.nan, math.inf], "date": [2932897 + 366, -800000], "ts": [1609459200000 * 10**6], "ntz": [-63 * 10**15]}


def days(seed: int) -> dict[str, pa.Table]:
    """One day holds ordinary values, one the edges too, one only one value a column, one no value, one what lies beyond."""
    rng = random.Random(seed)
    made, first = {}, 0
    for number, kind in enumerate(("plain", "edges", "single", "nothing", "beyond"), 1):
        made[f"2021-01-{number:02}"] = table(rng, kind, first)
        first += ROWS
    return made


def table(rng: random.Random, kind: str, first: int) -> pa.Table:
    def column(name: str, spec, nulls: float = 0.1) -> pa.Array:
        arrow, _, plain, edges = spec
        pool = {"plain": plain, "edges": plain + edges, "single": [rng.choice(plain + edges)], "nothing": [None], "beyond": plain}[kind]
        values = [None if rng.random() < nulls else rng.choice(pool) for _ in range(ROWS)]
        if kind != "nothing":
            values[: len(pool)] = pool  # each at least once
        made = pa.array(values, arrow)
        if kind == "beyond" and name in BEYOND:
            made = pa.concat_arrays([made[: -len(BEYOND[name])], pa.array(BEYOND[name], pa.int32() if arrow == pa.date32() else pa.int64() if pa.types.is_timestamp(arrow) else arrow).cast(arrow)])
        return made

    columns = {"id": pa.array(range(first, first + ROWS), pa.int64())}
    columns |= {name: column(name, spec) for name, spec in TYPES.items()}
    columns["st.x"] = column("st.x", TWIN, nulls=0)
    fields = [column("x", FIELD), column("y.z", TYPES["d"])]
    columns["st"] = pa.StructArray.from_arrays(fields, ["x", "y.z"], mask=pa.array([rng.random() < 0.1 for _ in range(ROWS)]))
    columns["list"] = pa.array([None if i % 7 == 0 else list(range(i % 3)) for i in range(ROWS)], pa.list_(pa.int64()))
    columns["map"] = pa.array([[("k", i)] for i in range(ROWS)], pa.map_(pa.string(), pa.int64()))
    return pa.table(columns)


def columns_yaml(day: str = "") -> str:
    names = {name: spec[1] for name, spec in TYPES.items()}
    names |= {"st.x": "bigint", "st": NESTED, "list": "array<bigint>", "map": "map<string,bigint>"}
    return "{id: bigint, " + ", ".join(f'"{name}": "{kind}"' for name, kind in names.items()) + day + "}"


def conditions(seed: int, each: int = 2) -> list[Condition]:
    """For every column: = < > with values that are there, ordinary ones and edges, and is null."""
    rng = random.Random(seed)
    found = []
    for path, (arrow, _, plain, edges) in [*(([name], spec) for name, spec in TYPES.items()), (["st", "x"], FIELD), (["st.x"], TWIN)]:
        found.append(Condition(path, "is null"))
        edges = [value for value in edges if value != NUL]
        values = [rng.choice(plain), rng.choice(edges)] + [rng.choice(plain + edges) for _ in range(each - 2)]
        found += [Condition(path, comparison, pa.scalar(value, arrow)) for value in values for comparison in ("=", "<", ">")]
    return found


def write(workspace, made: dict[str, pa.Table]) -> None:
    for day, rows in made.items():
        folder = workspace.day_folder(day)
        folder.mkdir(parents=True)
        parquet.write_table(rows, folder / "part-0.parquet")
