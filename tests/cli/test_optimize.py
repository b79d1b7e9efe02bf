"""optimize: the same rows in fewer files, and nothing else is different."""

import json
import signal
import struct
import subprocess
import time

import deltalake
import duckdb
import pyarrow as arrow
import pyarrow.compute as compute
import pyarrow.parquet as parquet
import pytest
from upkeep import DAY, NEXT, command, rows, three_versions, told


def add_small_files(workspace, files: int = 3, days=(DAY, NEXT)):
    """Another program appends rows of its own, a file for each day at a time."""
    for number in range(files):
        data = workspace.delta(version=3).to_pyarrow_table()
        data = data.filter(compute.is_in(data["run_date"], arrow.array(days)))
        users = arrow.array([100 * (number + 1) - i for i in range(data.num_rows)], arrow.int64())
        data = data.set_column(data.schema.get_field_index("user_id"), "user_id", users)
        deltalake.write_deltalake(str(workspace.table), data, mode="append")


@pytest.fixture
def table(workspace):
    """Two days of four files each."""
    add_small_files(three_versions(workspace))
    assert len(workspace.live_files(DAY)) == len(workspace.live_files(NEXT)) == 4
    return workspace


def by_two_readers(workspace):
    """All rows, as deltalake reads them and as DuckDB reads the live files; they must be the same."""
    by_deltalake = workspace.rows()
    files = [str(path) for path in workspace.live_files()]
    names = ", ".join(f'"{name}"' for name in workspace.delta().to_pyarrow_table().column_names)
    by_duckdb = duckdb.sql(f"SELECT {names} FROM read_parquet({files}, hive_partitioning = true, hive_types_autocast = false) ORDER BY ALL").fetchall()
    assert by_deltalake == by_duckdb
    return by_deltalake


def entry(workspace, version: int):
    return [json.loads(line) for line in (workspace.table / "_delta_log" / f"{version:020}.json").read_text().splitlines()]


def test_small_files_become_one_in_a_commit_of_each_day(table):
    before, version = by_two_readers(table), table.delta().version()
    report = told(table, "optimize")
    assert [(one["partition"], one["status"], len(one["files"]), one["files_added"]) for one in report["partitions"]] == [
        ({"run_date": DAY}, "optimized", 4, 1),
        ({"run_date": NEXT}, "optimized", 4, 1),
    ]
    assert by_two_readers(table) == before
    assert len(table.live_files(DAY)) == len(table.live_files(NEXT)) == 1 and table.leftovers() == []
    for number, day in enumerate((DAY, NEXT), start=1):
        actions = entry(table, version + number)
        info = next(action["commitInfo"] for action in actions if "commitInfo" in action)
        assert info["operation"] == "OPTIMIZE" and json.loads(info["tags"]["movies-etl.partition"]) == {"run_date": day}
        moved = [action[kind] for action in actions for kind in ("add", "remove") if kind in action]
        assert len(moved) == 5 and all(not one["dataChange"] for one in moved)
        stats = json.loads(next(action["add"]["stats"] for action in actions if "add" in action))
        file = parquet.read_table(table.live_files(day)[0])
        assert stats["numRecords"] == file.num_rows
        assert stats["minValues"]["user_id"] == min(file["user_id"].to_pylist()) and stats["maxValues"]["user_id"] == max(file["user_id"].to_pylist())
        keys = list(zip(file["movie_id"].to_pylist(), file["user_id"].to_pylist(), strict=True))
        assert keys == sorted(keys), "in the pipeline's order"
    assert not any("txn" in action for action in entry(table, version + 1)), "no day's mark is touched"


def test_a_second_time_there_is_nothing_to_do(table):
    told(table, "optimize")
    version = table.delta().version()
    assert told(table, "optimize")["partitions"] == [] and table.delta().version() == version
    assert "nothing to do" in command(table, "optimize").out
    # One small file more is a reason to write those of its day again, and of no other.
    add_small_files(table, files=1, days=(NEXT,))
    assert [one["partition"] for one in told(table, "optimize")["partitions"]] == [{"run_date": NEXT}]


def test_files_that_stay_small_are_not_written_again(workspace):
    """What a compaction could not make larger is known by its tags, also from a checkpoint."""
    three_versions(workspace)
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "    delta.autoOptimize.autoCompact: \"true\"", "    delta.autoOptimize.autoCompact: \"false\"")
    workspace.write_sql("SELECT i AS movie_id, i AS user_id, 4::FLOAT AS rating, i AS timestamp, md5(i::VARCHAR) AS original_title, 'en' AS original_language, "
                        "i AS budget, false AS adult, NULL::STRUCT(id BIGINT, name VARCHAR)[] AS genres FROM range(600000) t(i)")  # fmt: skip
    workspace.published()
    before = by_two_readers(workspace)
    (one,) = told(workspace, "optimize", "--cluster", "--where", DAY, "--target-size", "2MB")["partitions"]
    assert one["files_added"] > 2
    wanted = 3 * max(path.stat().st_size for path in map(workspace.path_of, workspace.live_files(DAY)))
    larger = ("--where", DAY, "--target-size", f"{wanted}B", "--dry-run")
    assert len(told(workspace, "optimize", *larger)["partitions"]) == 1, "larger ones are wanted now"
    # Had they been meant to be as large, then that is how large they become.
    path = workspace.table / "_delta_log" / f"{one['version']:020}.json"
    assert '"movies-etl.targetBytes":"2000000"' in path.read_text()
    path.write_text(path.read_text().replace('"movies-etl.targetBytes":"2000000"', f'"movies-etl.targetBytes":"{wanted}"'))
    assert told(workspace, "optimize", *larger)["partitions"] == []
    workspace.delta().create_checkpoint()
    for path in (workspace.table / "_delta_log").glob("*.json"):
        if path.name[:20].isdigit() and int(path.name[:20]) < workspace.delta().version():
            path.unlink()
    assert told(workspace, "optimize", "--cluster", *larger)["partitions"] == []
    ends = sorted(
        (compute.min_max(parquet.read_table(path)["movie_id"]).as_py().values() for path in workspace.live_files(DAY)), key=lambda pair: list(pair)
    )
    pairs = [tuple(pair) for pair in ends]
    assert all(first[1] <= second[0] for first, second in zip(pairs, pairs[1:], strict=False)), "one order over all files"
    assert by_two_readers(workspace) == before


def test_cluster_sorts_a_day_whose_files_are_no_small_ones(workspace):
    three_versions(workspace)
    assert told(workspace, "optimize")["partitions"] == [], "one file a day"
    before = by_two_readers(workspace)
    assert len(told(workspace, "optimize", "--cluster")["partitions"]) == 2
    assert told(workspace, "optimize", "--cluster")["partitions"] == [] and by_two_readers(workspace) == before
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "  cluster_by: [movie_id, user_id]", "  cluster_by: [user_id]")
    assert len(told(workspace, "optimize", "--cluster")["partitions"]) == 2, "another order"
    workspace.edit("pipeline.yaml", "  cluster_by: [user_id]", "")
    done = command(workspace, "optimize", "--cluster")
    assert done.code == 64 and "cluster_by" in done.err


def test_a_dry_run_tells_and_changes_nothing(table):
    version, files = table.delta().version(), table.files_on_disk()
    report = told(table, "optimize", "--dry-run", "--where", DAY)
    (one,) = report["partitions"]
    assert report["dry_run"] and one["status"] == "planned"
    assert [f"{table.table}/{file['path']}" for file in one["files"]] == table.live_files(DAY)
    assert one["bytes"] == sum(file["bytes"] for file in one["files"])
    done = command(table, "optimize", "--dry-run", "--where", DAY)
    assert done.code == 0 and all(file["path"] in done.out for file in one["files"])
    assert table.delta().version() == version and table.files_on_disk() == files


def test_where_says_which_partitions(table):
    assert [one["partition"]["run_date"] for one in told(table, "optimize", "--dry-run", "--where", "2021-01-02..2021-01-31")["partitions"]] == [NEXT]
    assert [one["partition"]["run_date"] for one in told(table, "optimize", "--dry-run", "--where", f"run_date={DAY}")["partitions"]] == [DAY]
    assert told(table, "optimize", "--dry-run", "--where", "2020-01-01")["partitions"] == []
    for wrong in ("country=DE", "2021-13-01", "run_date="):
        assert command(table, "optimize", "--where", wrong).code == 64


def test_rows_that_a_deletion_vector_took_out_are_left_behind(table):
    """The vector of row 1, inline, as the Delta protocol has it: z85 of a RoaringBitmapArray."""
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    bitmap = struct.pack("<IQI", 1681511377, 1, 0) + struct.pack("<IIHHIH", 12346, 1, 0, 0, 16, 1)
    words = struct.unpack(f">{(len(bitmap) + 3) // 4}I", bitmap + bytes(-len(bitmap) % 4))
    inline = "".join(alphabet[word // 85**power % 85] for word in words for power in (4, 3, 2, 1, 0))
    told(table, "optimize")
    last = table.table / "_delta_log" / f"{table.delta().version():020}.json"
    lines = entry(table, table.delta().version())
    for line in lines:
        if "add" in line:
            line["add"]["deletionVector"] = {"storageType": "i", "pathOrInlineDv": inline, "sizeInBytes": len(bitmap), "cardinality": 1}
            (gone, kept) = (line["add"]["path"], parquet.read_table(table.table / line["add"]["path"]).num_rows - 1)
    lines.append({"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}})
    last.write_text("".join(json.dumps(line) + "\n" for line in lines))
    before = told(table, "show", "--rows", "100")["rows"]
    (one,) = told(table, "optimize", "--cluster")["partitions"]
    assert ([file["path"] for file in one["files"]], one["deletion_vectors"], one["rows_purged"]) == ([gone], 1, 1)
    assert parquet.read_table(table.live_files(NEXT)[0]).num_rows == kept
    key = lambda row: sorted((name, str(value)) for name, value in row.items())  # noqa: E731
    assert sorted(told(table, "show", "--rows", "100")["rows"], key=key) == sorted(before, key=key)
    assert not any("deletionVector" in action.get("add", {}) for action in entry(table, table.delta().version()))
    assert told(table, "optimize", "--cluster")["partitions"] == []


def test_plan_says_published_afterwards(table):
    states = lambda: [(day["day"], day["state"]) for day in told(table, "plan", f"{DAY}..{NEXT}")["days"]]  # noqa: E731
    before = states()
    assert [state for _, state in before] == ["published", "published"]
    told(table, "optimize", "--cluster")
    assert states() == before
    table.published()
    assert table.rows("user_id", f"run_date = '{DAY}'") == [(2,), (3,), (4,)], "a run replaces all of its day"


def begun(workspace, *flags):
    """An optimize that has its lease, and stands still."""
    binary = workspace.command()[0]
    process = subprocess.Popen(
        [binary, "optimize", *flags, "--config-file-path", str(workspace.config)],
        env=workspace.environment(), cwd=workspace.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not list(workspace.table.glob("_staging/*-compact.json")):
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()[1]
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)
    return process


@pytest.fixture
def large(workspace):
    """Two days of two files, which take a while to write."""
    three_versions(workspace)
    for day in (DAY, NEXT):
        data = workspace.delta(version=3).to_pyarrow_table()
        data = data.filter(compute.equal(data["run_date"], day))
        data = arrow.concat_tables([data] * 100000)
        deltalake.write_deltalake(str(workspace.table), data, mode="append")
    return workspace


def test_who_was_faster_stays_and_the_other_day_is_done(large):
    process = begun(large)
    data = large.delta(version=3).to_pyarrow_table()
    deltalake.write_deltalake(str(large.table), data.filter(compute.equal(data["run_date"], DAY)), mode="append")
    count, version = large.rows("count(*)"), large.delta().version()
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and "is left as it is" in err and f"'{DAY}'" in err, err
    assert large.rows("count(*)") == count and large.delta().version() == version + 1
    assert len(large.live_files(DAY)) == 3 and len(large.live_files(NEXT)) == 1 and large.leftovers() == []
    assert [one["status"] for one in told(large, "optimize")["partitions"]] == ["optimized"]


def test_nothing_but_lost_races_is_told_by_the_exit_code(large):
    process = begun(large, "--where", DAY)
    large.published()
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=120)
    assert process.returncode == 75 and large.leftovers() == []
    assert large.rows("user_id", f"run_date = '{DAY}'") == [(2,), (3,), (4,)], "the run's rows"


def test_what_a_killed_one_leaves_is_cleared_away(large):
    count = large.rows("count(*)")
    process = begun(large)
    process.kill()
    process.communicate()
    assert large.leftovers() != [] and large.rows("count(*)") == count
    assert [one["status"] for one in told(large, "optimize")["partitions"]] == ["optimized", "optimized"]
    assert large.leftovers() == [] and large.rows("count(*)") == count


def test_a_day_that_cannot_be_read_is_left_and_told(table):
    table.path_of(table.live_files(DAY)[0]).unlink()
    files = table.live_files(DAY)
    report = told(table, "optimize", code=3)
    assert [one["status"] for one in report["partitions"]] == ["failed", "optimized"]
    assert files[0].rpartition("/")[2] in report["partitions"][0]["why"]
    assert table.live_files(DAY) == files and table.leftovers() == []


def test_rows_without_a_day(table):
    """Other programs may leave the partition's column NULL."""
    for _ in range(2):
        data = table.delta(version=3).to_pyarrow_table()
        data = data.set_column(data.schema.get_field_index("run_date"), "run_date", arrow.nulls(data.num_rows, arrow.string()))
        deltalake.write_deltalake(str(table.table), data, mode="append")
    before = table.rows()
    assert [one["status"] for one in told(table, "optimize")["partitions"]] == ["optimized"] * 3
    assert table.rows() == before and len(table.live_files()) == 3
    assert any("/run_date=__HIVE_DEFAULT_PARTITION__/" in path for path in table.live_files()), "Polars looks for it there"
    assert told(table, "optimize")["partitions"] == []


def test_a_table_that_tracks_its_rows_is_refused_by_that_name(table):
    last = table.table / "_delta_log" / f"{table.delta().version():020}.json"
    metadata = next(action for action in entry(table, 0) if "metaData" in action)
    metadata["metaData"]["configuration"]["delta.enableRowTracking"] = "true"
    last.write_text(last.read_text().rstrip("\n") + "\n" + json.dumps(metadata) + "\n")
    done = command(table, "optimize")
    assert done.code == 3 and "delta.enableRowTracking" in done.err and table.leftovers() == []


def test_a_table_of_another_pipeline(table):
    table.own_pipelines()
    (table.pipelines / "movie_ratings").rename(table.pipelines / "other")
    done = command(table, "optimize", "--pipeline", "other")
    assert done.code == 78 and "belongs to pipeline 'movie_ratings'" in done.err


def test_a_table_without_partitions(workspace):
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "  partition: run_date", "  partition: none\n  mode: append\n")
    for day in (DAY, NEXT):
        workspace.write_day(rows((1, 1), (1, 2)), day=day)
        workspace.published(day=day)
    before = workspace.rows()
    (one,) = told(workspace, "optimize")["partitions"]
    assert one["partition"] == {} and one["files_added"] == 1 and workspace.rows() == before
    assert command(workspace, "optimize", "--where", DAY).code == 64
    workspace.published(day=NEXT)
    assert workspace.rows() == before, "a run of a day still finds its rows"
