"""Partitions of the data, and the three modes of writing to them: overwrite, append, merge."""

import datetime
import json
import random
import shutil

import pytest
from inputs import pipeline, refused
from write_modes import DAYS, MERGE, SOURCE, land, modes, newest

def run(workspace, day=DAYS[0], *flags):
    return workspace.published("--pipeline", "p", *flags, day=day)


def table(workspace, columns="k, day, ts, v"):
    return workspace.rows(f"{columns.replace('day', 'CAST(day AS VARCHAR)')}", order="ALL")


def test_overwrite_replaces_the_partitions_that_occur(workspace):
    modes(workspace, {"partition": {"day": "date"}})
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a"), (2, DAYS[1], 1, "b"), (3, DAYS[1], 1, "c")])
    report = run(workspace)
    assert report["effect"] == {"partitions": 2, "inserted": 3, "updated": 0, "unchanged": 0, "removed": 0, "copied": 0}
    land(workspace, DAYS[1], [(9, DAYS[1], 1, "z"), (8, DAYS[2], 1, "y")])
    report = run(workspace, DAYS[1])
    assert table(workspace) == [(1, DAYS[0], 1, "a"), (8, DAYS[2], 1, "y"), (9, DAYS[1], 1, "z")]
    assert report["effect"]["removed"] == 2 and report["files_replaced"] == 1 and report["written"]["rows"] == 2
    assert workspace.leftovers() == []
    # By another reader, which sees partition and run date, and finds rows by both.
    assert sorted(workspace.delta().partitions(), key=str) == sorted(({"day": day} for day in DAYS[:3]), key=str)
    assert workspace.delta().to_pyarrow_table(filters=[("day", "=", datetime.date(2021, 1, 3))]).to_pylist() == [
        {"k": 8, "day": datetime.date(2021, 1, 3), "ts": 1, "v": "y", "run_date": DAYS[1]}
    ]


def test_a_table_without_partitions_is_replaced_whole(workspace):
    modes(workspace, {"partition": "none"}, run_date=False)
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a"), (2, DAYS[1], 1, "b")])
    run(workspace)
    land(workspace, DAYS[1], [(3, DAYS[1], 1, "c")])
    run(workspace, DAYS[1])
    assert table(workspace) == [(3, DAYS[1], 1, "c")]
    assert workspace.leftovers() == []


def test_a_partition_of_run_date_and_data_replaces_the_day_whole(workspace):
    modes(workspace, {"partition": ["run_date", "v"]})
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a"), (2, DAYS[0], 1, "b / ü")])
    run(workspace)
    land(workspace, DAYS[1], [(4, DAYS[0], 1, "a")])
    run(workspace, DAYS[1])
    land(workspace, DAYS[0], [(5, DAYS[0], 1, "c")])
    report = run(workspace)
    assert workspace.rows("k, v, run_date", order="ALL") == [(4, "a", DAYS[1]), (5, "c", DAYS[0])]
    assert report["effect"]["removed"] == 2


def test_the_run_date_may_be_a_date(workspace):
    pipeline(workspace, SOURCE, SOURCE, "SELECT k, day, ts, v FROM source", more={"target": {"columns": {**SOURCE, "run_date": "date"}}})
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a")])
    run(workspace)
    run(workspace)
    assert workspace.rows("k, typeof(run_date), CAST(run_date AS VARCHAR)") == [(1, "DATE", DAYS[0])]


@pytest.mark.parametrize("partition", [{"day": "date"}, "none"], ids=["partitioned", "unpartitioned"])
def test_append_is_idempotent_by_day(workspace, partition):
    """A day that is run again is there once: also after another writer has put rows of several days into one file."""
    modes(workspace, {"partition": partition, "mode": "append"})
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a"), (2, DAYS[1], 1, "b")])
    land(workspace, DAYS[1], [(1, DAYS[0], 1, "again"), (3, DAYS[1], 1, "c")])
    for day in (DAYS[0], DAYS[1], DAYS[0]):
        report = run(workspace, day)
    both = [(1, DAYS[0], 1, "a"), (1, DAYS[0], 1, "again"), (2, DAYS[1], 1, "b"), (3, DAYS[1], 1, "c")]
    assert table(workspace) == both
    assert report["effect"] | {"partitions": 0} == {"partitions": 0, "inserted": 2, "updated": 0, "unchanged": 0, "removed": 2, "copied": 0}

    assert workspace.delta().optimize.compact()["numFilesAdded"] > 0
    land(workspace, DAYS[0], [(7, DAYS[2], 1, "new")])
    report = run(workspace)
    assert table(workspace) == [both[1], both[3], (7, DAYS[2], 1, "new")]
    assert report["effect"]["removed"] == 2 and report["effect"]["copied"] == 2, report["effect"]
    assert workspace.leftovers() == []


def test_merge_keeps_the_newest_of_each_key(workspace):
    modes(workspace, MERGE)
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a"), (2, DAYS[0], 5, "b"), (3, DAYS[1], 1, "c"), (None, DAYS[1], 1, "none")])
    run(workspace)
    land(workspace, DAYS[1], [(1, DAYS[0], 2, "A"), (2, DAYS[0], 4, "late"), (4, DAYS[0], 1, "new"), (None, DAYS[1], 3, "NONE")])
    report = run(workspace, DAYS[1])
    assert table(workspace) == [(1, DAYS[0], 2, "A"), (2, DAYS[0], 5, "b"), (3, DAYS[1], 1, "c"), (4, DAYS[0], 1, "new"), (None, DAYS[1], 3, "NONE")]
    assert report["effect"] == {"partitions": 2, "inserted": 1, "updated": 2, "unchanged": 1, "removed": 2, "copied": 2}
    assert report["staged"]["rows"] == 4 and report["written"]["rows"] == 5
    # The same day once more changes nothing, and writes nothing.
    before = workspace.delta().file_uris()
    report = run(workspace, DAYS[1])
    assert report["effect"]["unchanged"] == 4 and report["written"]["files"] == 0
    assert workspace.delta().file_uris() == before
    assert workspace.delta().history(1)[0]["operation"] == "MERGE"
    assert workspace.leftovers() == []


def test_merge_touches_only_files_that_lose_a_row(workspace):
    modes(workspace, MERGE)
    for number, day in enumerate(DAYS[:3]):
        land(workspace, day, [(number * 10 + i, DAYS[0], 1, "a") for i in range(10)])
        run(workspace, day)
    before = set(workspace.delta().file_uris())
    land(workspace, DAYS[3], [(15, DAYS[0], 2, "b"), (99, DAYS[0], 1, "new")])
    report = run(workspace, DAYS[3])
    assert len(before & set(workspace.delta().file_uris())) == 2
    assert report["effect"] == {"partitions": 1, "inserted": 1, "updated": 1, "unchanged": 0, "removed": 1, "copied": 9}


def test_the_order_of_days_makes_no_difference(workspace):
    """Random days in any order, with some run again, equal a model that knows only which row of a key is the newest."""
    modes(workspace, {**MERGE, "cluster_by": ["k"]})
    seed = random.Random(4711)
    landed = {day: [(seed.randrange(12), seed.choice(DAYS), seed.randrange(3), seed.choice("ab")) for _ in range(30)] for day in DAYS}
    expected = newest(landed.values())
    for day, rows in landed.items():
        land(workspace, day, rows)
    for round_ in range(3):
        order = [*DAYS, *seed.sample(DAYS, 2)]
        seed.shuffle(order)
        for day in order:
            run(workspace, day)
        assert table(workspace) == expected, (round_, order)
        assert sorted(tuple(row.values()) for row in workspace.delta().to_pyarrow_table(columns=["k", "ts", "v"]).to_pylist()) == sorted((k, at, v) for k, _, at, v in expected)
        shutil.rmtree(workspace.table)


def test_rows_that_another_engine_deleted_stay_deleted(workspace):
    """By files that it rewrote; and a row of the same key that comes later is there again."""
    modes(workspace, MERGE)
    land(workspace, DAYS[0], [(k, DAYS[0], 1, "a") for k in range(4)])
    run(workspace)
    workspace.delta().delete("k = 2")
    land(workspace, DAYS[1], [(3, DAYS[0], 2, "b")])
    run(workspace, DAYS[1])
    assert [row[0] for row in table(workspace)] == [0, 1, 3]


@pytest.mark.parametrize("mode", ["overwrite", "append", "merge"])
def test_a_day_that_fails_its_checks_changes_nothing(workspace, mode):
    modes(workspace, {**MERGE, "mode": mode} if mode == "merge" else {"partition": {"day": "date"}, "mode": mode})
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a")])
    run(workspace)
    (workspace.pipelines / "p" / "checks.yaml").write_text("checks for ${table}:\n  - missing_count(v) = 0\n  - row_count = 1\n")
    land(workspace, DAYS[1], [(1, DAYS[0], 9, None)])
    refused(workspace.run("--pipeline", "p", day=DAYS[1]), 2)
    assert table(workspace) == [(1, DAYS[0], 1, "a")]
    assert workspace.leftovers() == []
    # The checks see what the day brings, not what lies in the table beside it.
    land(workspace, DAYS[1], [(2, DAYS[0], 9, "b")])
    run(workspace, DAYS[1])


def test_rows_of_no_partition_are_refused(workspace):
    modes(workspace, {"partition": {"day": "date"}})
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a"), (2, None, 1, "b")])
    refused(workspace.run("--pipeline", "p"), 3, "1 rows belong to no partition: day is NULL or empty in them", "Leave such rows out")
    assert workspace.leftovers() == []


def test_too_many_partitions_are_refused_before_anything_is_written(workspace):
    modes(workspace, {"partition": {"day": "date"}, "max_partitions": 2})
    land(workspace, DAYS[0], [(1, day, 1, "a") for day in DAYS])
    done = refused(workspace.run("--pipeline", "p"), 3, "would touch 4 partitions, and target.max_partitions lets it touch 2")
    assert "raise target.max_partitions" in done.err
    assert not (workspace.table / "_delta_log").exists()


def test_an_empty_day_changes_no_partition(workspace):
    modes(workspace, MERGE)
    path = workspace.pipelines / "p" / "pipeline.yaml"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"on_empty_input": "clear"}))
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a")])
    run(workspace)
    land(workspace, DAYS[1], [])
    run(workspace, DAYS[1])
    assert table(workspace) == [(1, DAYS[0], 1, "a")]


def test_a_table_that_only_grows_is_not_merged_into(workspace):
    modes(workspace, MERGE)
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a")])
    run(workspace)
    workspace.delta().alter.set_table_properties({"delta.appendOnly": "true"})
    land(workspace, DAYS[1], [(2, DAYS[0], 1, "new")])
    run(workspace, DAYS[1])
    land(workspace, DAYS[2], [(1, DAYS[0], 2, "b")])
    refused(workspace.run("--pipeline", "p", day=DAYS[2]), 3, "append-only", "1 files")
    assert len(table(workspace)) == 2


@pytest.mark.parametrize(
    ("more", "texts"),
    [
        ({"partition": {"day": "string"}}, ["'target.partition.day' is string, and target.columns declares it as date"]),
        ({"partition": {"run_dat": "date"}}, ["names column 'run_dat', which target.columns does not declare", "Did you mean 'run_date'?"]),
        ({"partition": ["day", "day"]}, ["names column 'day' twice"]),
        ({"partition": []}, ["names no column", "partition: none"]),
        ({"partition": "day", "columns": {"day": "bigint"}}, ["must be declared in target.columns as string or date"]),
        ({"partition": ["day"], "columns": {"day": "double"}}, ["is double, by which a table cannot be partitioned"]),
        ({"mode": "upsert"}, ["must be one of overwrite, append, merge, not 'upsert'"]),
        ({"mode": "merge"}, ["Key 'target.key' not found"]),
        ({"mode": "merge", "key": ["k"]}, ["which of two rows is the newer one"]),
        ({"mode": "merge", "key": ["kk"]}, ["'target.key' names column 'kk', which is not declared"]),
        ({"key": ["k"]}, ["'target.key' is for mode: merge"]),
        ({"max_partitions": "0"}, ["must be a number from 1 up"]),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_what_cannot_be_meant_is_refused(workspace, more, texts):
    modes(workspace, {"partition": {"day": "date"}} | more | ({"columns": SOURCE | more["columns"]} if "columns" in more else {}))
    refused(workspace.run("--pipeline", "p"), 78, "pipeline.yaml:", *texts)


def test_append_needs_the_column_of_the_run_date(workspace):
    modes(workspace, {"partition": {"day": "date"}, "mode": "append"}, run_date=False)
    refused(workspace.run("--pipeline", "p"), 78, "mode: append needs a column 'run_date'")


def test_the_order_of_dedupe_is_that_of_the_merge(workspace):
    pipeline(
        workspace, SOURCE, SOURCE, "SELECT k, day, ts, v FROM source", key=["k"], order=["ts"],
        more={"target": {"partition": {"day": "date"}, "mode": "merge", "key": ["k"]}, "dedupe": {"keep": "last"}},
    )  # fmt: skip
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "old"), (1, DAYS[0], 2, "new")])
    run(workspace)
    assert table(workspace) == [(1, DAYS[0], 2, "new")]
