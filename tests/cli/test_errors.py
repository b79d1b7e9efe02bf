"""Bad input: the exit code, what is wrong and where, what to do; and nothing half-written."""

import os
import shutil

import pytest
from conftest import RAW_COLUMNS

MUCH = (  # some 2 MB
    "SELECT i AS movie_id, i AS user_id, 1::FLOAT AS rating, i AS timestamp, md5(i::VARCHAR) AS original_title, 'en' AS "
    "original_language, i AS budget, false AS adult, NULL::STRUCT(id BIGINT, name VARCHAR)[] AS genres FROM range(50000) t(i)"
)


@pytest.fixture
def day(workspace):
    workspace.write_day([{"movie_id": i, "user_id": i} for i in range(1000)])
    return workspace


def refused(done, code, *texts):
    assert done.code == code, done.err
    for text in texts:
        assert text in done.err
    return done


def test_missing_raw_folder(workspace):
    workspace.day_folder("2021-01-01").parent.mkdir(parents=True)
    done = refused(workspace.run(), 66, f"raw folder {workspace.day_folder()} does not exist", "data.raw.location")
    assert f"nearest folder that exists is {workspace.day_folder().parent}" in done.err
    assert not workspace.table.exists()


def test_raw_folder_without_data(workspace):
    workspace.day_folder().mkdir(parents=True)
    (workspace.day_folder() / "_SUCCESS").touch()
    (workspace.day_folder() / ".part-0.parquet").write_text("hidden")
    (workspace.day_folder() / "_part-0.parquet").write_text("hidden")
    refused(workspace.run(), 66, f"raw folder {workspace.day_folder()} holds no Parquet files", "on_empty_input")


def test_a_file_that_is_not_parquet(day):
    bad = day.day_folder() / "part-00001.parquet"
    bad.write_text("no parquet at all, but long enough to be looked at")
    refused(day.run(), 3, f"{bad}: not a readable Parquet file", "Nothing was published")
    assert not day.table.exists()


def test_a_truncated_file(day):
    whole = day.day_folder() / "part-00000.parquet"
    cut = day.day_folder() / "part-00001.parquet"
    shutil.copy(whole, cut)
    os.truncate(cut, cut.stat().st_size // 2)
    refused(day.run(), 3, f"{cut}: not a readable Parquet file")


def test_a_file_with_damaged_pages_names_it(day):
    path = day.write_sql(MUCH, name="part-00001.parquet")
    data = bytearray(path.read_bytes())
    data[1000 : len(data) - 5000] = b"\xff" * (len(data) - 6000)
    path.write_bytes(data)
    refused(day.run(), 3, path.name)
    assert not day.table.exists()


def test_a_missing_column(workspace):
    path = workspace.write_sql("SELECT 1::BIGINT AS movie_id, 1::BIGINT AS user_idd")
    done = refused(workspace.run(), 3, f"{path}: column 'user_id' (bigint) is missing. Did you mean 'user_idd'?")
    assert "The file has: movie_id, user_idd" in done.err


def test_a_wrong_column_type(workspace):
    columns = {**RAW_COLUMNS, "movie_id": "VARCHAR"}
    path = workspace.write_day([{"movie_id": "x"}], columns=columns)
    refused(workspace.run(), 3, f"{path}: column 'movie_id' has type string, expected bigint")


@pytest.mark.parametrize("date", ["2021-02-30", "2021-1-1", "tomorrow", "20210101"])
def test_a_date_that_is_none(workspace, date):
    refused(workspace.run(day=None, *["--execution-date", date]), 64, f"'{date}'", "YYYY-MM-DD")


def test_no_date(workspace):
    refused(workspace.run(day=None), 64, "--execution-date")


def test_a_mistyped_flag(workspace):
    refused(workspace.run("--dry-runn"), 64, "--dry-runn", "Did you mean '--dry-run'?")


def test_a_table_name_that_is_none(day):
    refused(day.run("--set", "data.curated.table=movies"), 78, "data.curated.table", "movies")


def test_an_unknown_pipeline(day):
    refused(day.run("--pipeline", "movie_rating"), 78, "there is no pipeline 'movie_rating'", "Did you mean 'movie_ratings'?")


def test_a_transform_that_does_not_bind_names_its_line(day):
    day.own_pipelines()
    day.edit("transform.sql", "  budget,\n", "  budgt,\n")
    refused(day.run(), 78, "transform.sql", "budgt", "LINE 9")


def test_a_transform_without_a_declared_column(day):
    day.own_pipelines()
    day.edit("transform.sql", "  budget,\n", "")
    refused(day.run(), 78, "transform.sql: yields no column 'budget'")


def test_a_target_that_cannot_be_written(day):
    (day.root / "warehouse").write_text("a file, where the folder should be")
    refused(day.run(), 3, str(day.warehouse), "Not a directory", "Nothing was published")


def test_a_target_without_write_rights(day):
    day.published()
    before = day.rows()
    folders = [day.warehouse, *(p for p in day.warehouse.rglob("*") if p.is_dir())]
    plain = []
    if os.getuid() == 0:  # root may write everywhere, unless it gives that right up
        rights = "-dac_override,-dac_read_search"
        plain = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"]
        if not shutil.which("setpriv") or day.call([*plain, "true"]).code != 0:
            pytest.skip("LOUD: this machine's root cannot give up its rights, a target without write rights was not tested")
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = day.call([*plain, *day.command()])
    finally:
        for folder in folders:
            folder.chmod(0o755)
    refused(done, 3, str(day.table), "Permission denied", "Give this user the right", "Nothing was published")
    assert day.rows() == before and day.leftovers() == []


def test_a_disk_that_really_is_full(day):
    if os.getuid() != 0:
        pytest.skip("LOUD: only root can mount a small disk, a really full one was not tested")
    day.warehouse.mkdir()
    mounted = day.call(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(day.warehouse)])
    if mounted.code != 0:
        pytest.skip(f"LOUD: this machine mounts nothing ({mounted.err.strip()}), a really full disk was not tested")
    try:
        day.published()
        before = day.rows()
        day.write_sql(MUCH)
        refused(day.run(), 3, "No space left on device", "Free some space", "Nothing was published; the partition is as it was.")
        assert day.rows() == before and day.leftovers() == []
        day.write_day([{"movie_id": 7, "user_id": 7}])
        day.published()
        assert [row[0] for row in day.rows("movie_id")] == [7]
    finally:
        day.call(["umount", "--lazy", str(day.warehouse)])


def test_a_full_disk_leaves_nothing(workspace):
    workspace.write_sql(MUCH)
    refused(workspace.run(file_limit=200_000), 3, "File too large", "Nothing was published")
    assert not workspace.table.exists()


def test_a_full_disk_while_committing_keeps_the_old_day(workspace):
    """Many small files: each of them fits, but not the log entry that names them all."""
    workspace.write_day([{"movie_id": 1, "user_id": 1}], name="part-0.parquet")
    workspace.published()
    before = workspace.rows()
    flags = []
    for number in range(40):
        path = workspace.write_day([{"movie_id": number, "user_id": 2}], name=f"part-{number}.parquet")
        flags = ["--set", f"write.target_file_size={path.stat().st_size}"]
    done = refused(workspace.run(*flags, file_limit=15_000), 3, "00000000000000000002.json: File too large")
    assert "hint: Free some space" in done.err and "Nothing was published; the partition is as it was." in done.err
    assert workspace.rows() == before
    assert workspace.leftovers() == []
    workspace.published(*flags)
    assert len(workspace.rows()) == 40


@pytest.mark.parametrize("content", ["", '{"add":{"path":"x"', "not json at all\n"])
def test_a_torn_log(day, content):
    day.published()
    entry = day.table / "_delta_log" / f"{2:020}.json"
    entry.write_text(content)
    refused(day.run(), 3, "_delta_log", entry.name)


def test_a_log_with_a_gap(day):
    day.published()
    day.published()
    (day.table / "_delta_log" / f"{1:020}.json").unlink()
    refused(day.run(), 3, "_delta_log")


def test_a_table_with_a_feature_that_is_not_supported(day):
    day.published()
    (day.table / "_delta_log" / f"{2:020}.json").write_text(
        '{"commitInfo":{"timestamp":1}}\n{"protocol":{"minReaderVersion":3,"minWriterVersion":7,'
        '"readerFeatures":["timeTravelToTheFuture"],"writerFeatures":["timeTravelToTheFuture"]}}\n'
    )
    refused(day.run(), 3, "timeTravelToTheFuture")


def test_an_unknown_store_is_refused(day):
    refused(day.run("--set", "data.curated.location=hdfs://host/warehouse"), 78, "'data.curated.location' is hdfs://host/warehouse: no store is known")


def test_a_missing_config_file(workspace):
    workspace.config.unlink()
    refused(workspace.run(), 78, "app_config.yaml", "does not exist")


def test_a_mistyped_key(workspace):
    workspace.config.write_text(workspace.config.read_text().replace("location: raw", "locatoin: raw"))
    refused(workspace.run(), 78, f"{workspace.config}:4:", "data.raw.locatoin", "data.raw.location")


def test_a_missing_key(workspace):
    workspace.config.write_text("development:\n  data:\n    raw:\n      location: raw\n")
    refused(workspace.run(), 78, "Key 'data.curated", "not found", "app_config.yaml", "development")


def test_json_output_of_an_error_is_json(workspace):
    done = workspace.run("--output", "json", "--log-format", "json")
    assert done.code == 66
    assert done.json["exit_code"] == 66
    assert done.json["runs"][0]["status"] == "failed" and "does not exist" in done.json["runs"][0]["error"]["message"]
