"""Names and places: prefixes of every kind, many files, big files; and who else can read what was written."""

import json
import os
import shutil

import duckdb
import pytest
from interop.test_parallel_runs import DAY, finish
from interop.test_readers import MANY

from . import gateway

RAW_FILES = int(os.environ.get("S3_RAW_FILES", "1000"))


def duckdb_on(store):
    """DuckDB's own Python package with its own httpfs: nothing of the program's."""
    import duckdb_extension_httpfs

    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    folder = os.path.dirname(duckdb_extension_httpfs.__file__)
    (extension,) = [os.path.join(at, n) for at, _, names in os.walk(folder) for n in names if n.endswith(".duckdb_extension")]
    connection.execute(f"LOAD '{extension}'")
    connection.execute(
        f"CREATE SECRET (TYPE s3, KEY_ID '{gateway.KEY}', SECRET '{gateway.SECRET}', REGION '{gateway.REGION}', "
        f"ENDPOINT '127.0.0.1:{store.port}', URL_STYLE path, USE_SSL false)"
    )
    return connection


# Not read by others or by DuckDB's httpfs as they are: docs/storage.md says so.
UNREADABLE = [pytest.param(name, marks=pytest.mark.skip(reason=f"LOUD: {why}; not supported")) for name, why in (
    ("a%20b", "readers decode an escape that is part of a name"), ("hash#tag?", "httpfs takes what follows '?' for parameters"))]


@pytest.mark.parametrize("prefix", ["with space", "100%", "a=b", "a+b", "Ünïcode/日本", "quote's", "deep/er/and/deeper", *UNREADABLE])
def test_names_of_every_kind(workspace, store, prefix):
    workspace.raw = workspace.root / prefix / "raw"
    workspace.warehouse = workspace.root / prefix / "warehouse"
    workspace.table = workspace.warehouse / "movie_ratings_curated"
    workspace.write_config()
    workspace.write_sql(MANY)
    for _ in range(2):
        report = workspace.published()
        assert report["location"] == workspace.location(workspace.table)
    assert workspace.rows("count(*), count(DISTINCT user_id), min(run_date)") == [(20000, 20000, "2021-01-01")]
    assert len(workspace.live_files()) == 1
    assert workspace.leftovers() == []


def test_a_trailing_slash_is_the_same_place(workspace):
    workspace.write_sql(DAY.format(tag=1, rows=100))
    workspace.published()
    slashed = [f"--set=data.{n}.location={workspace.location(p)}/" for n, p in (("raw", workspace.raw), ("curated", workspace.warehouse))]
    assert workspace.published(*slashed)["files_replaced"] == 1
    assert workspace.rows("count(*)") == [(100,)]


def test_the_root_of_a_bucket_is_a_warehouse(workspace):
    workspace.warehouse = workspace.root
    workspace.table = workspace.root / "movie_ratings_curated"
    workspace.write_sql(DAY.format(tag=1, rows=100))
    report = workspace.published("--set", f"data.curated.location=s3://{workspace.bucket}")
    assert report["location"] == f"s3://{workspace.bucket}/movie_ratings_curated"
    assert workspace.rows("count(*)") == [(100,)]


def test_raw_days_on_s3_and_the_table_on_disk(workspace, tmp_path):
    from deltalake import DeltaTable

    workspace.write_sql(DAY.format(tag=1, rows=100))
    workspace.run("--set", f"data.curated.location={tmp_path / 'warehouse'}")
    assert DeltaTable(str(tmp_path / "warehouse/movie_ratings_curated")).to_pyarrow_table().num_rows == 100


def test_raw_days_on_disk_and_the_table_on_s3(workspace, tmp_path):
    source = workspace.write_sql(DAY.format(tag=1, rows=100))
    folder = tmp_path / "raw/2021/01/01"
    folder.mkdir(parents=True)
    shutil.move(source, folder)
    workspace.published("--set", f"data.raw.location={tmp_path / 'raw'}")
    assert workspace.rows("count(*)") == [(100,)]


def test_the_history_of_measurements_lies_in_the_store(workspace):
    """Each published day adds to it, from several runs at once too; a later day is compared with it, and fails by it."""
    workspace.own_pipelines()
    with (workspace.pipelines / "movie_ratings/checks.yaml").open("a") as checks:
        checks.write("  - change percent for row_count between -20 and 20\n")
    for number in range(1, 5):
        workspace.write_sql(DAY.format(tag=number, rows=100), f"2021-01-0{number}")
    workspace.published()
    codes, err = finish([workspace.start(day=f"2021-01-0{number}") for number in range(2, 5)])
    assert codes == [0, 0, 0], err
    stored = workspace.s3.get_object(Bucket=workspace.bucket, Key="warehouse/_checks/history.jsonl")["Body"].read().decode()
    measured = [json.loads(line) for line in stored.splitlines()]
    assert sum(record["value"] == 100 for record in measured if "row_count" in json.dumps(record)) == 4, stored
    workspace.write_sql(DAY.format(tag=5, rows=200), "2021-01-05")
    done = workspace.run(day="2021-01-05")
    assert done.code == 2 and "row_count" in done.out, done.out + done.err
    assert workspace.rows("count(DISTINCT run_date)") == [(4,)]


def test_the_tables_of_a_warehouse_in_a_store_are_listed(workspace):
    workspace.write_sql(DAY.format(tag=1, rows=100))
    workspace.published()
    workspace.published("--set", "data.curated.table=marts.ratings")
    done = workspace.call([workspace.command()[0], "tables", "-c", str(workspace.config), "--output", "json"])
    assert done.code == 0, done.err
    places = {table["name"]: (table["location"], table["version"]) for table in done.json["tables"]}
    marts = workspace.location(workspace.warehouse / "marts.db/ratings")
    assert places == {"default.movie_ratings_curated": (workspace.location(workspace.table), 1), "marts.ratings": (marts, 1)}


def test_duckdb_reads_the_files_over_s3(workspace, store):
    workspace.write_sql(MANY)
    workspace.published()
    found = duckdb_on(store).execute("SELECT count(*), min(movie_id), max(user_id) FROM read_parquet($1)", [workspace.delta().file_uris()])
    assert found.fetchone() == (20000, 0, 19999)


def test_a_day_of_many_small_files(workspace, proxy):
    """1,000 raw files by default, S3_RAW_FILES=10000 for the day of the issue; the listing comes in pages of 1,000."""
    first = workspace.write_sql(DAY.format(tag=0, rows=1), name="part-00000.parquet")
    for number in range(1, RAW_FILES):
        os.link(first, first.with_name(f"part-{number:05}.parquet"))
    report = workspace.through(proxy).published("--set", "checks.sensitive_columns=user_id")
    assert (report["source"]["files"], report["duplicates_dropped"], report["written"]["rows"]) == (RAW_FILES, RAW_FILES - 1, 1)
    assert report["peak_memory_bytes"] < 1_000_000_000
    pages = proxy.counts()["LIST raw file"]
    assert RAW_FILES / 1000 <= pages <= 3 * (RAW_FILES / 1000 + 1)


def test_ten_thousand_objects_are_listed_in_pages(workspace, proxy):
    """Most are hidden by their names, so that only the listing is long."""
    first = workspace.write_sql(DAY.format(tag=0, rows=1))
    for number in range(9_999):
        os.link(first, first.with_name(f"_hidden-{number:05}.parquet"))
    report = workspace.through(proxy).published()
    assert report["source"]["files"] == 1
    assert proxy.counts()["LIST raw file"] >= 10
    assert report["peak_memory_bytes"] < 500_000_000


def test_a_big_file_goes_up_in_parts(workspace, store, proxy):
    workspace.write_sql(
        "SELECT i AS movie_id, i AS user_id, 4::FLOAT AS rating, i AS timestamp, sha256(i::VARCHAR) || sha256((i + 1)::VARCHAR) AS original_title, "
        "'en' AS original_language, 1::BIGINT AS budget, false AS adult, [{'id': 1::BIGINT, 'name': 'g'}] AS genres FROM range(1500000) t(i)"
    )
    report = workspace.through(proxy).published("--set", "write.target_file_size=1GB", "--set", "write.compression=snappy")
    assert report["written"]["bytes"] > 90_000_000
    assert proxy.counts()["PUT part data file"] > 1
    assert workspace.s3.list_multipart_uploads(Bucket=workspace.bucket).get("Uploads", []) == []
    files = workspace.delta().file_uris()
    assert duckdb_on(store).execute("SELECT count(*), count(DISTINCT original_title) FROM read_parquet($1)", [files]).fetchone() == (1500000, 1500000)
