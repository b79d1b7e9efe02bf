"""movies-etl tables: the warehouse's folders as the catalog."""

import json
import shutil


def tables(workspace, *args):
    return workspace.call([workspace.command()[0], "tables", "--config-file-path", str(workspace.config), *args])


def test_lists_tables_of_every_database(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published()
    workspace.published()
    workspace.published("--set", "data.curated.table=marts.ratings")
    (workspace.warehouse / "no_table").mkdir()
    done = tables(workspace, "--output", "json")
    assert done.code == 0, done.err
    assert done.json["catalog"] == "filesystem"
    listed = [(table["name"], table["location"], table["version"]) for table in done.json["tables"]]
    marts = workspace.warehouse / "marts.db" / "ratings"
    assert listed == [("default.movie_ratings_curated", str(workspace.table), 2), ("marts.ratings", str(marts), 1)]
    assert all(table["last_commit"].startswith("20") and table["last_commit"].endswith("Z") for table in done.json["tables"])
    header, *rows = tables(workspace).out.splitlines()
    assert header.split() == ["TABLE", "VERSION", "LAST", "COMMIT", "LOCATION"]
    assert [(row.split()[0], row.split()[1], row.split()[3]) for row in rows] == [(n, str(v), place) for n, place, v in listed]


def test_a_table_that_cannot_be_opened_is_listed_with_the_reason(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published()
    shutil.copytree(workspace.table, workspace.warehouse / "broken")
    (workspace.warehouse / "broken/_delta_log/00000000000000000000.json").write_text("")
    listed = json.loads(tables(workspace, "--output", "json").out)["tables"]
    assert [table["name"] for table in listed] == ["default.broken", "default.movie_ratings_curated"]
    assert "00000000000000000000.json" in listed[0]["error"] and "version" not in listed[0]
    assert listed[0]["error"] in tables(workspace).out


def test_an_empty_warehouse_has_no_tables(workspace):
    done = tables(workspace, "--output", "json")
    assert done.code == 0 and done.json["tables"] == []


def test_a_metastore_without_an_address_is_a_configuration_error(workspace):
    done = tables(workspace, "--set", "catalog.kind=hive")
    assert done.code == 78
    assert "catalog.kind is hive, but catalog.hive.uri is empty" in done.err and "thrift://HOST:PORT" in done.err
    done = tables(workspace, "--set", "catalog.kind=hive", "--set", "catalog.hive.uri=metastore:9083")
    assert done.code == 78 and "catalog.hive.uri: 'metastore:9083' is not thrift://HOST:PORT" in done.err
