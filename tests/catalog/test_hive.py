"""Runs whose catalog is a real Hive metastore: what they register, what they follow, and what they say when it fails."""

import json
import socket
import threading

import deltalake
import pyarrow
import pytest

from . import metastore

COLUMNS = {
    "movie_id": "bigint", "user_id": "bigint", "rating": "float", "timestamp": "bigint", "original_title": "string",
    "original_language": "string", "budget": "bigint", "is_adult": "boolean", "is_multigenre": "boolean",
    "genres": "array<struct<id:bigint,name:string>>", "run_date": "string",
}  # fmt: skip


def day(hive, date="2021-01-01"):
    hive.workspace.write_day([{"movie_id": i, "user_id": i} for i in range(3)], day=date)


def run_of_a_day(hive, code):
    """Writes a raw day and runs it, to this exit code."""
    day(hive)
    done = hive.workspace.run()
    assert done.code == code, done.err
    return done


def test_a_run_registers_its_table(hive):
    done = run_of_a_day(hive, 0)
    assert f"registered {hive.name} at {hive.layout} in the Hive metastore" in done.err
    table = hive.registered()
    assert table.tableType == "EXTERNAL_TABLE" and table.partitionKeys == []
    assert table.sd.location == table.sd.serdeInfo.parameters["path"] == f"file:{hive.layout}"
    assert hive.columns() == COLUMNS
    assert table.sd.cols[0].comment == "Movie that was rated"
    properties = table.parameters
    assert properties["EXTERNAL"] == "TRUE" and properties["spark.sql.sources.provider"] == "delta"
    assert properties["delta.autoOptimize.autoCompact"] == "true"
    schema = json.loads(properties["spark.sql.sources.schema"])
    assert [field["name"] for field in schema["fields"]] == list(COLUMNS)
    with hive.client() as client:
        assert client.get_database(hive.database).locationUri == f"file:{hive.layout.parent}"


def test_a_second_run_leaves_the_registration_as_it_is(hive):
    day(hive)
    hive.workspace.published()
    before = hive.registered()
    done = hive.workspace.run()
    assert done.code == 0 and "Hive metastore" not in done.err
    assert hive.registered() == before


def test_new_columns_and_properties_are_registered_with_the_commit_that_brings_them(hive):
    day(hive)
    hive.workspace.own_pipelines()
    hive.use(hive.server.uri)
    hive.workspace.published()
    with hive.client() as client:  # what others note there stays
        table = hive.registered()
        table.parameters["comment"] = "ours"
        client.alter_table_with_environment_context(hive.database, "movie_ratings", table, hive.types.EnvironmentContext({}))
    hive.workspace.edit("pipeline.yaml", "    run_date:", "    is_cheap: boolean\n    run_date:")
    hive.workspace.edit("transform.sql", "SELECT", "SELECT budget < 2000 AS is_cheap,")
    deltalake.DeltaTable(str(hive.layout)).alter.set_table_properties({"delta.logRetentionDuration": "interval 90 days"})
    done = hive.workspace.run("--evolve")
    assert done.code == 0, done.err
    assert hive.columns() == {**COLUMNS, "is_cheap": "boolean"}
    properties = hive.registered().parameters
    assert "is_cheap" in properties["spark.sql.sources.schema"]
    assert properties["delta.logRetentionDuration"] == "interval 90 days" and properties["comment"] == "ours"


def test_eight_runs_at_once_register_one_table(hive):
    days = [f"2021-01-0{i}" for i in range(1, 9)]
    for one in days:
        day(hive, one)
    running = [hive.workspace.start("--output", "json", day=one) for one in days]
    ended = [(run.communicate(timeout=110), run.returncode) for run in running]
    assert [code for _, code in ended] == [0] * 8, ended
    messages = "".join(err for (_, err), _ in ended)
    assert messages.count(f"registered {hive.name}") == 1 and "warning" not in messages.lower(), messages
    assert hive.columns() == COLUMNS
    assert hive.workspace.rows("count(*), count(DISTINCT run_date)") == [(24, 8)]


def test_the_place_that_is_registered_is_used(hive):
    elsewhere = hive.workspace.root / "some where" / "100%"
    hive.register("EXTERNAL_TABLE", "DELTA", elsewhere)
    day(hive)
    report = hive.workspace.published()
    assert report["location"] == str(elsewhere) and not hive.layout.exists()
    hive.workspace.table = elsewhere
    assert hive.workspace.rows("count(*)") == [(3,)]
    assert hive.columns() == COLUMNS  # completed from the table
    listed = json.loads(hive.workspace.call([*tables(hive), "--output", "json"]).out)["tables"]
    mine = next(table for table in listed if table["name"] == hive.name)
    assert (mine["location"], mine["version"]) == (str(elsewhere), 1) and mine["last_commit"].endswith("Z")
    checked = hive.workspace.call([tables(hive)[0], "check", *tables(hive)[2:], "--execution-date", "2021-01-01"])
    assert checked.code == 0, checked.out + checked.err


def tables(hive) -> list[str]:
    return [hive.workspace.command()[0], "tables", "--config-file-path", str(hive.workspace.config)]


@pytest.mark.parametrize(
    ("kind", "provider", "words"),
    [
        ("EXTERNAL_TABLE", "parquet", "a table of parquet"),
        ("EXTERNAL_TABLE", None, "a table of Hive itself"),
        ("MANAGED_TABLE", "delta", "a managed Delta table"),
        ("VIRTUAL_VIEW", None, "a view"),
    ],
)
def test_a_name_that_is_taken_is_refused_before_anything_is_written(hive, kind, provider, words):
    hive.register(kind, provider, hive.layout)
    before = hive.registered()
    done = run_of_a_day(hive, 3)
    assert f"'{hive.name}' is {words} in the Hive metastore, not an external Delta table" in done.err
    assert ("Register them as an external one" in done.err) == (kind == "MANAGED_TABLE")
    assert hive.registered() == before and hive.workspace.files_on_disk() == []


def test_a_registered_table_of_another_schema_is_refused_and_left_alone(hive):
    deltalake.write_deltalake(str(hive.workspace.root / "theirs"), pyarrow.table({"movie_id": ["text"], "run_date": ["2021-01-01"]}), partition_by=["run_date"])
    hive.register("EXTERNAL_TABLE", "delta", hive.workspace.root / "theirs")
    before = hive.registered()
    done = run_of_a_day(hive, 3)
    assert f"the table at {hive.workspace.root}/theirs and" in done.err and "do not agree" in done.err
    assert "~ movie_id: string in the table, bigint in the pipeline" in done.err and "+ user_id: bigint  (not in the table)" in done.err
    assert hive.registered() == before and deltalake.DeltaTable(str(hive.workspace.root / "theirs")).version() == 0


def test_a_place_that_no_store_is_known_for_is_refused(hive):
    hive.register("EXTERNAL_TABLE", "delta", "/unused")
    with hive.client() as client:
        table = hive.registered()
        table.sd.serdeInfo.parameters["path"] = "hdfs://namenode/movie_ratings"
        client.alter_table_with_environment_context(hive.database, "movie_ratings", table, hive.types.EnvironmentContext({}))
    done = run_of_a_day(hive, 78)
    assert f"the location of {hive.name} is hdfs://namenode/movie_ratings: no store is known for hdfs://" in done.err


def test_a_metastore_that_is_down_fails_the_run_before_it_stages(hive):
    port = metastore.free_port()
    hive.use(f"thrift://127.0.0.1:{port}")
    done = run_of_a_day(hive, 3)
    assert f"cannot reach the Hive metastore at 127.0.0.1:{port}: Connection refused" in done.err
    assert "Is it running, and is catalog.hive.uri right?" in done.err
    assert not hive.layout.exists()


def test_the_next_address_is_asked_when_one_is_down(hive):
    hive.use(f"thrift://127.0.0.1:{metastore.free_port()}, {hive.server.uri}")
    day(hive)
    hive.workspace.published()
    assert hive.columns() == COLUMNS


def test_a_metastore_that_goes_down_during_a_run_costs_a_warning_and_the_next_run_catches_up(hive):
    cut = metastore.Cut(hive.server.port, calls=2)  # set_ugi and the look for the table, before it stages
    hive.use(cut.uri)
    done = run_of_a_day(hive, 0)
    assert "the day is published, but the catalog was not brought up to date, which the next run will try" in done.err
    assert hive.registered() is None and hive.workspace.rows("count(*)") == [(3,)]
    hive.use(hive.server.uri)
    hive.workspace.published()
    assert hive.columns() == COLUMNS


def test_a_service_that_is_no_metastore_is_named_as_such(hive):
    web = socket.create_server(("127.0.0.1", 0))

    def answer():
        connection, _ = web.accept()
        with connection:
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    threading.Thread(target=answer, daemon=True).start()
    port = web.getsockname()[1]
    hive.use(f"thrift://127.0.0.1:{port}")
    done = run_of_a_day(hive, 3)
    assert f"what answers at 127.0.0.1:{port} does not speak as a Hive metastore" in done.err
    assert "9083 by default" in done.err


def test_a_refusal_is_told_in_the_metastores_own_words(hive):
    def refuse(*_):
        raise hive.types.MetaException("Permission denied: user=ada, access=WRITE")

    def absent(*_):
        raise hive.types.NoSuchObjectException("no such object")

    day(hive)
    folder = hive.server.folder
    with metastore.played(folder, get_table_req=absent, get_database=absent, create_database=refuse) as uri:
        hive.use(uri)
        done = hive.workspace.run()
    words = f"the Hive metastore cannot create database '{hive.database}': MetaException: Permission denied: user=ada, access=WRITE"
    assert done.code == 0 and words in done.err, done.err
    with metastore.played(folder, get_table_req=refuse) as uri:
        hive.use(uri)
        done = hive.workspace.run()
    assert done.code == 3
    assert f"the Hive metastore cannot read table '{hive.name}': MetaException: Permission denied: user=ada, access=WRITE" in done.err
