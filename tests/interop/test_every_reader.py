"""Every reader finds by a condition what it finds when it reads everything: nothing that we write leads it past a row."""

import datetime
import json
from decimal import Decimal

import every_type
import pyarrow as pa
import pytest
import spark_with_delta
from conftest import Workspace
from deltalake import DeltaTable
from readers import READERS, Condition
from test_readers import adds

SPARK = """
table = spark.read.format("delta").load(sys.argv[2])
conditions = json.loads(sys.argv[3])
rows = table.selectExpr("id", *conditions).collect()  # all of them
result = {}
for number, condition in enumerate(conditions, 1):
    found = sorted(row[0] for row in table.where(condition).select("id").collect())
    there = sorted(row[0] for row in rows if row[number])
    if found != there:
        result[condition] = [len(found), len(there)]
"""


def published_table(workspace, name: str, source: str, target: str, select: str, days, cluster_by: str = "", *flags: str):
    workspace.add_pipeline(name, source=source, target=target, select=select, checks="row_count > 0")
    if cluster_by:
        file = workspace.pipelines / name / "pipeline.yaml"
        file.write_text(file.read_text().replace("  partition: day\n", f"  partition: day\n  cluster_by: [{cluster_by}]\n"))
    for day in days:
        location = workspace.published("--pipeline", name, "--set", f"data.curated.table=default.{name}", *flags, day=day)["location"]
    workspace.table = workspace.warehouse / name
    return DeltaTable(location)


@pytest.fixture(scope="module")
def every_type_table(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("types"))
    made = every_type.days(seed=20260101)
    every_type.write(workspace, made)
    table = published_table(workspace, "types", every_type.columns_yaml(), every_type.columns_yaml(", day: string"), "SELECT * FROM source", made)
    return workspace, table


@pytest.mark.parametrize("reader", READERS)
def test_of_every_type(every_type_table, reader):
    _, table = every_type_table
    wrong = {}
    for condition in every_type.conditions(seed=7):
        found, there = READERS[reader](table, condition, True), READERS[reader](table, condition, False)
        if found != there:
            wrong[str(condition)] = (len(found), len(there))
    assert not wrong


@pytest.mark.spark
def test_of_every_type_on_spark(every_type_table):
    if lacking := spark_with_delta.missing():
        pytest.skip(f"LOUD: {lacking}; filters of Spark were not tested")
    workspace, table = every_type_table
    # Spark 4.2 does not find a zero by the other zero, in files of its own neither; and its filter pushdown mixes up a column "st.x" with a field x of st.
    sound = [c for c in every_type.conditions(seed=8) if c.comparison == "=" and c.column != ["st.x"] and c.value.as_py() != 0]
    chosen = {str(c.column): c for c in sound}.values()  # one of each, as a query takes its time
    where = [c.sql(".".join(f"`{name}`" for name in c.column)) for c in chosen]
    assert spark_with_delta.read(workspace.root, SPARK, workspace.table, json.dumps(where)) == {}


def test_a_file_has_all_bounds_or_none(every_type_table):
    workspace, _ = every_type_table
    kinds = {}
    for add in adds(workspace.table):
        stats = json.loads(add["stats"])
        kinds[add["partitionValues"]["day"][-2:]] = (stats["minValues"] is not None, stats["maxValues"] is not None)
    assert kinds == {"01": (True, True), "02": (True, True), "03": (True, True), "04": (True, True), "05": (False, False)}


@pytest.mark.parametrize("cluster_by", ["k", ""], ids=["sorted", "unsorted"])
def test_inside_of_large_files(workspace, cluster_by):
    """Pages and row groups are skipped too: integers, dates, decimals and texts over several of both."""
    rows = 150_000
    workspace.write_sql(
        f"SELECT i * 7919 % {rows} AS k, (i * 7919 % {rows})::INTEGER AS n, 1609459200 + 7 * i AS seconds, (i / 1000)::DECIMAL(12,3) AS amount, "
        f"DATE '2000-01-01' + (i % 5000)::INTEGER AS day_of, 'T' || i AS title, i AS id FROM range({rows}) t(i)"
    )
    columns = "id: bigint, k: bigint, n: int, seconds: bigint, amount: 'decimal(12,3)', day_of: date, title: string"
    table = published_table(workspace, "large", f"{{{columns}}}", f"{{{columns}, day: string}}", "SELECT * FROM source", ["2021-01-01"], cluster_by)
    values = {"k": 777, "n": pa.scalar(777, pa.int32()), "seconds": 1609459200 + 7 * 149_000, "amount": Decimal("75.001"), "title": "T1234"}
    values["day_of"] = datetime.date(2001, 2, 3)
    types = {"amount": pa.decimal128(12, 3)}
    for name, reader in READERS.items():
        for column, value in values.items():
            for comparison in ("=", "<", ">") if column in ("k", "amount") else ("=",):
                condition = Condition([column], comparison, value if isinstance(value, pa.Scalar) else pa.scalar(value, types.get(column)))
                assert reader(table, condition, True) == reader(table, condition, False), (name, str(condition))
