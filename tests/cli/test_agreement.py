"""What a run and the table that it writes into have to agree on, before a byte is staged; and the table's rules of rows."""

import shutil

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from inputs import pipeline, refused, write

COLUMNS = {"id": "bigint", "v": "bigint"}
INNER = pa.struct([pa.field("a", pa.int64(), False), ("b", pa.int64())])


def create(workspace, *fields, **more) -> None:
    schema = pa.schema([*fields, ("run_date", pa.string())])
    DeltaTable.create(str(workspace.table), schema=schema, partition_by=["run_date"], **more)


def untouched(workspace, version: int = 0) -> None:
    assert DeltaTable(str(workspace.table)).version() == version
    assert workspace.leftovers() == []


def test_not_null_of_the_table_holds(workspace):
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT * FROM source")
    create(workspace, pa.field("id", pa.int64(), False), ("v", pa.int64()))
    write(workspace, {"id": [1, None, None], "v": [1, 2, 3]})
    refused(workspace.run("--pipeline", "p"), 3, "breaks rules of the table", "id NOT NULL: broken by 2 rows", "Nothing was published")
    untouched(workspace)


def test_not_null_inside_of_a_struct_holds(workspace):
    columns = {"s": "struct<a:bigint,b:bigint>"}
    pipeline(workspace, columns, columns, "SELECT * FROM source")
    create(workspace, ("s", INNER))
    # Of a struct that is NULL itself nothing is asked.
    write(workspace, {"s": pa.array([{"a": None, "b": 1}, None], pa.struct([("a", pa.int64()), ("b", pa.int64())]))})
    refused(workspace.run("--pipeline", "p"), 3, "s.a NOT NULL: broken by 1 rows")
    untouched(workspace)


MAP = pa.map_(pa.string(), pa.field("value", pa.int64(), False))


@pytest.mark.parametrize(
    "declared, field, good, bad, rule",
    [
        ("array<bigint>", pa.list_(pa.field("element", pa.int64(), False)), [[1, 2], [], None], [[1], [2, None]], "v.element NOT NULL"),
        ("map<string,bigint>", MAP, [[("a", 1)], None], [[("a", None)]], "v.value NOT NULL"),
        ("array<struct<a:bigint,b:bigint>>", pa.list_(pa.field("element", INNER)), [[{"a": 1, "b": None}, None]], [[{"a": None, "b": 1}]], "v.element.a NOT NULL"),
    ],
    ids=["list", "map", "structs in a list"],
)
def test_not_null_inside_of_lists_and_maps_holds(workspace, declared, field, good, bad, rule):
    columns = {"v": declared}
    pipeline(workspace, columns, columns, "SELECT * FROM source")
    create(workspace, ("v", field))
    kinds = {"array<bigint>": pa.list_(pa.int64()), "map<string,bigint>": pa.map_(pa.string(), pa.int64())}
    loose = kinds.get(declared, pa.list_(pa.struct([("a", pa.int64()), ("b", pa.int64())])))
    write(workspace, {"v": pa.array(good, loose)})
    done = workspace.run("--pipeline", "p")
    assert done.code == 0, done.err
    write(workspace, {"v": pa.array([*good, *bad], loose)})
    refused(workspace.run("--pipeline", "p"), 3, f"{rule}: broken by 1 rows")
    untouched(workspace, 1)


@pytest.mark.parametrize("rule, good, bad", [("varchar(3)", ["abc", "äöü", "", None], "abcd"), ("char(2)", ["ab", None], "a")])
def test_lengths_that_spark_declared_hold(workspace, rule, good, bad):
    columns = {"t": "string"}
    pipeline(workspace, columns, columns, "SELECT * FROM source")
    create(workspace, pa.field("t", pa.string(), metadata={"__CHAR_VARCHAR_TYPE_STRING": rule}))
    write(workspace, {"t": good})
    done = workspace.run("--pipeline", "p")
    assert done.code == 0, done.err
    write(workspace, {"t": [*good, bad]})
    refused(workspace.run("--pipeline", "p"), 3, f"t {rule}: broken by 1 rows")
    untouched(workspace, 1)


def test_columns_are_written_as_the_table_spells_them(workspace):
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT * FROM source")
    create(workspace, ("ID", pa.int64()), ("V", pa.int64()))
    write(workspace, {"id": [1], "v": [2]})
    done = workspace.run("--pipeline", "p")
    assert done.code == 0, done.err
    assert DeltaTable(str(workspace.table)).to_pyarrow_table(columns=["ID", "V"]).to_pylist() == [{"ID": 1, "V": 2}]


def test_an_append_only_table_keeps_its_day(workspace):
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT * FROM source")
    create(workspace, ("id", pa.int64()), ("v", pa.int64()), configuration={"delta.appendOnly": "true"})
    write(workspace, {"id": [1], "v": [2]})
    assert workspace.run("--pipeline", "p").code == 0
    refused(workspace.run("--pipeline", "p", "--dry-run"), 3, "is append-only (delta.appendOnly)", "cannot be replaced")
    untouched(workspace, 1)


@pytest.mark.parametrize(
    "properties",
    [
        {"delta.columnMapping.mode": "name"},
        {"delta.enableIcebergCompatV2": "true"},
        {"delta.feature.materializePartitionColumns": "supported"},
    ],
)
def test_properties_that_no_later_run_could_serve_make_no_table(workspace, properties):
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT * FROM source", properties=properties)
    write(workspace, {"id": [1], "v": [2]})
    refused(workspace.run("--pipeline", "p"), 78, "make a table that runs cannot write to")
    assert not (workspace.table / "_delta_log").exists()


def test_a_table_that_lost_its_log_is_no_new_table(workspace):
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT * FROM source")
    write(workspace, {"id": [1], "v": [2]})
    assert workspace.run("--pipeline", "p").code == 0
    shutil.move(workspace.table / "_delta_log", workspace.root / "lost")
    refused(workspace.run("--pipeline", "p"), 3, "holds data files", "but no Delta log", "Restore", "_delta_log from a backup")
    assert not (workspace.table / "_delta_log").exists()
    shutil.move(workspace.root / "lost", workspace.table / "_delta_log")
    assert workspace.run("--pipeline", "p").code == 0


@pytest.mark.parametrize("feature", ["delta.enableChangeDataFeed", "delta.enableRowTracking"])
def test_a_feature_that_the_pipeline_asks_for(workspace, feature):
    """The first run, the next one of the same day, and one that adds a column."""
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT * FROM source", properties={feature: "true"})
    write(workspace, {"id": [1, 2], "v": [1, 2]})
    workspace.published("--pipeline", "p")
    assert workspace.delta().metadata().configuration[feature] == "true"
    write(workspace, {"id": [1], "v": [3]})
    workspace.published("--pipeline", "p")
    assert workspace.rows("id, v") == [(1, 3)]
    shutil.rmtree(workspace.pipelines)
    wider = {**COLUMNS, "w": "bigint"}
    pipeline(workspace, COLUMNS, wider, "SELECT *, 7 AS w FROM source", properties={feature: "true"})
    workspace.published("--pipeline", "p", "--evolve")
    assert workspace.rows("id, v, w") == [(1, 3, 7)]
    if feature == "delta.enableChangeDataFeed":
        changes = pa.table(workspace.delta().load_cdf(starting_version=1))
        kinds = [str(kind) for kind in changes["_change_type"]]
        assert kinds.count("insert") == 4 and kinds.count("delete") == 3
