"""Every Delta feature that Spark can give a table: what a run, a re-run and a check make of it, and who reads the result.

What is expected stands in docs/tables.md, one row a feature; each of its cells is compared with what happens here."""

import json
import re
from pathlib import Path

import duckdb
import pytest
import spark_with_delta
from conftest import BINARY, ROOT

DOCUMENT = ROOT / "docs" / "tables.md"

# Feature -> SQL that makes the table at {path}: user_id and day, two rows of 2021-01-01 and one of 2020-12-31 unless it says so.
CREATE = "CREATE TABLE delta.`{path}` (user_id BIGINT, day STRING) USING delta PARTITIONED BY (day)"
ROWS = "INSERT INTO delta.`{path}` VALUES (1, '2021-01-01'), (2, '2021-01-01'), (3, '2020-12-31')"


def with_properties(**properties: str) -> list[str]:
    listed = ", ".join(f"'delta.{name}' = '{value}'" for name, value in properties.items())
    return [f"{CREATE} TBLPROPERTIES ({listed})", ROWS]


TABLES = {
    "plain": [CREATE, ROWS],
    "appendOnly": with_properties(appendOnly="true"),
    "changeDataFeed": with_properties(enableChangeDataFeed="true"),
    "rowTracking": with_properties(enableRowTracking="true"),
    "deletionVectors": [*with_properties(enableDeletionVectors="true"), "INSERT INTO delta.`{path}` SELECT id, '2020-12-30' FROM range(10, 20, 1, 1)"]
    + ["DELETE FROM delta.`{path}` WHERE user_id BETWEEN 12 AND 19"],
    "columnMapping name": [*with_properties(**{"columnMapping.mode": "name"}), "ALTER TABLE delta.`{path}` ADD COLUMN more STRUCT<a: INT>"]
    + ["ALTER TABLE delta.`{path}` DROP COLUMN more"],
    "columnMapping id": with_properties(**{"columnMapping.mode": "id"}),
    "writer version 3": with_properties(minReaderVersion="1", minWriterVersion="3"),
    "writer version 4": with_properties(minReaderVersion="1", minWriterVersion="4"),
    "writer version 5": with_properties(minReaderVersion="2", minWriterVersion="5"),
    "writer version 6": with_properties(minReaderVersion="2", minWriterVersion="6"),
    "checkConstraints": [CREATE, ROWS, "ALTER TABLE delta.`{path}` ADD CONSTRAINT positive CHECK (user_id > 0)"],
    "invariants (NOT NULL)": [CREATE.replace("BIGINT", "BIGINT NOT NULL"), ROWS],
    "generatedColumns": [CREATE.replace("day STRING", "day STRING, twice BIGINT GENERATED ALWAYS AS (user_id * 2)"), ROWS.replace("VALUES", "(user_id, day) VALUES")],
    "identityColumns": [CREATE.replace("day STRING", "day STRING, number BIGINT GENERATED ALWAYS AS IDENTITY"), ROWS.replace("VALUES", "(user_id, day) VALUES")],
    "allowColumnDefaults": [*with_properties(**{"feature.allowColumnDefaults": "supported"}), "ALTER TABLE delta.`{path}` ALTER COLUMN user_id SET DEFAULT 7"],
    "inCommitTimestamp": with_properties(enableInCommitTimestamps="true"),
    "v2Checkpoint": with_properties(checkpointPolicy="v2", checkpointInterval="1"),
    "typeWidening": [CREATE.replace("user_id BIGINT", "user_id INT") + " TBLPROPERTIES ('delta.enableTypeWidening' = 'true')", ROWS]
    + ["ALTER TABLE delta.`{path}` ALTER COLUMN user_id TYPE BIGINT"],
    "timestampNtz": [CREATE + " TBLPROPERTIES ('delta.feature.timestampNtz' = 'supported')", ROWS],
    "vacuumProtocolCheck": with_properties(**{"feature.vacuumProtocolCheck": "supported"}),
    "domainMetadata": with_properties(**{"feature.domainMetadata": "supported"}),
    "variantType": [CREATE.replace("day STRING", "day STRING, v VARIANT"), ROWS.replace("VALUES", "(user_id, day) VALUES")],
    "clustering": [CREATE.replace("PARTITIONED BY", "CLUSTER BY"), ROWS],
    "shallow clone": ["CREATE TABLE delta.`{path}` SHALLOW CLONE delta.`{plain}`"],
    "NULL in the partition column": [CREATE, ROWS, "INSERT INTO delta.`{path}` VALUES (4, NULL)"],
}

MAKE = """
spark.conf.set("spark.databricks.delta.properties.defaults.enableDeletionVectors", "false")
result = {}
for name, path, statements in json.load(open(sys.argv[2])):
    for statement in statements:
        spark.sql(statement)
"""

SUMS = "count(*), sum(user_id), count(day)"

READ = """
result = {}
for name, path in json.load(open(sys.argv[2])):
    try:
        result[name] = [int(value or 0) for value in spark.sql("SELECT " + sys.argv[3] + " FROM delta.`" + path + "`").first()]
    except Exception as error:
        result[name] = str(error)
"""


def by_deltalake(path: str):
    from deltalake import DeltaTable, QueryBuilder

    batch = QueryBuilder().register("t", DeltaTable(path)).execute(f"SELECT {SUMS} FROM t").read_all()
    return [int(column[0].as_py() or 0) for column in batch.columns]


def by_duckdb(path: str):
    import duckdb_extension_delta

    connection = duckdb.connect()
    (extension,) = Path(duckdb_extension_delta.__file__).parent.rglob("delta.duckdb_extension")
    connection.execute(f"LOAD '{extension}'")
    return [int(value or 0) for value in connection.execute(f"SELECT {SUMS} FROM delta_scan('{path}')").fetchone()]


def by_polars(path: str):
    import polars

    frame = polars.scan_delta(path).select(polars.len(), polars.col("user_id").sum(), polars.col("day").count().alias("n")).collect()
    return [int(value) for value in frame.row(0)]


def outcome(call):
    """What a call yields, or the text of its error."""
    try:
        return call()
    except BaseException as error:  # noqa: BLE001, one of the readers panics
        return str(error)


def matrix() -> dict[str, dict[str, str]]:
    """The table of the document: feature -> column -> cell."""
    lines = [line.strip("|").split("|") for line in DOCUMENT.read_text().splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line] for line in lines]
    return {row[0]: dict(zip(head[1:], row[1:])) for row in rows}


def differs(cell: str, got, wanted) -> str | None:
    """How an outcome is not what its cell says: `yes`, `wrong` or `no: a part of the message`."""
    if cell == "yes":
        return None if got == wanted else f"{got} instead of {wanted}"
    if cell == "wrong":
        return None if isinstance(got, list) and got != wanted else f"{got}, which is no longer wrong"
    part = cell.removeprefix("no").removeprefix(": ")
    return None if isinstance(got, str) and part in got else f"{got!r} does not say {part!r}"


@pytest.mark.spark
def test_every_cell_of_the_matrix_is_what_happens(workspace):
    if lacking := spark_with_delta.missing():
        pytest.skip(f"LOUD: {lacking}; table features of Spark were not tested")
    workspace.add_pipeline(
        "features",
        source="{user_id: bigint}",
        target="{user_id: bigint, day: string}",
        select="SELECT user_id FROM source",
        checks="row_count > 0",
    )
    definition = workspace.pipelines / "features" / "pipeline.yaml"
    definition.write_text(definition.read_text().replace("  partition: day\n", "  partition: day\n  cluster_by: [user_id]\n"))
    workspace.write_sql("SELECT 100::BIGINT AS user_id", "2021-01-01")
    workspace.write_sql("SELECT unnest([5, 6])::BIGINT AS user_id", "2021-01-02")
    workspace.warehouse.mkdir()
    paths = {name: str(workspace.warehouse / re.sub("[^a-zA-Z0-9]", "_", name).lower()) for name in TABLES}
    jobs = workspace.root / "jobs.json"
    jobs.write_text(json.dumps([(name, paths[name], [s.format(path=paths[name], plain=paths["plain"]) for s in TABLES[name]]) for name in TABLES]))
    spark_with_delta.read(workspace.root, MAKE, jobs)
    ours = {name: run_and_check(workspace, path) for name, path in paths.items()}
    jobs.write_text(json.dumps(list(paths.items())))
    by_spark = spark_with_delta.read(workspace.root, READ, jobs, SUMS)
    wrong = []
    cells = matrix()
    assert list(cells) == list(TABLES)
    for name, path in paths.items():
        rows, run, again, check, optimized = ours[name]
        got = {
            "run": (run, 0),
            "re-run": (again, 0),
            "check": (check, 0),
            "optimize": (optimized, 0),
            "Spark": (by_spark[name], rows),
            "deltalake": (outcome(lambda: by_deltalake(path)), rows),  # noqa: B023
            "DuckDB": (outcome(lambda: by_duckdb(path)), rows),  # noqa: B023
            "Polars": (outcome(lambda: by_polars(path)), rows),  # noqa: B023
        }
        assert set(cells[name]) == set(got)
        wrong += [f"{name}, {column}: {why}" for column, (value, wanted) in got.items() if (why := differs(cells[name][column], value, wanted))]
    assert not wrong, "\n".join(wrong)


def run_and_check(workspace, path: str):
    """The sums that readers must find afterwards, and the outcomes of a run, a re-run, a check and an optimize: 0 or the message."""
    before = START.get(Path(path).name, [3, 6, 3])
    checks = workspace.root / "table.yml"
    sums = f"checks for t:\n  - row_count = {before[0]}\n  - sum(user_id) = {before[1]}\n  - missing_count(day) = {before[0] - before[2]}\n"
    checks.write_text(sums)
    check = workspace.call([str(BINARY), "check", "--dataset", f"t={path}", str(checks)], cwd=workspace.root / "raw")

    def publish(day):
        done = workspace.run("--pipeline", "features", "--set", f"data.curated.table=default.{Path(path).name}", day=day)
        return 0 if done.code == 0 else done.out + done.err

    run = publish("2021-01-02")
    again = publish("2021-01-01")
    after = list(before)
    if run == 0:
        after = [after[0] + 2, after[1] + 11, after[2] + 2]
    if again == 0:
        after = [after[0] - 1, after[1] - 3 + 100, after[2] - 1]
    table = ["--pipeline", "features", "--set", f"data.curated.table=default.{Path(path).name}", "-c", str(workspace.config)]
    done = workspace.call([str(BINARY), "optimize", "--cluster", *table])
    return after, run, again, 0 if check.code == 0 else check.out + check.err, 0 if done.code == 0 else done.out + done.err


START = {"deletionvectors": [5, 27, 5], "null_in_the_partition_column": [4, 10, 3]}
