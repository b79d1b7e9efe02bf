"""What `run` does to a table, seen through other readers and through its own reports."""

import json
import signal

import duckdb
import pytest


def two_days(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}, {"movie_id": 1, "user_id": 1, "timestamp": 1}], "2021-01-01")
    workspace.write_day([{"movie_id": 2, "user_id": 2}], "2021-01-02")


def commit_info(workspace, version: int) -> dict:
    lines = (workspace.table / "_delta_log" / f"{version:020}.json").read_text().splitlines()
    return next(json.loads(line)["commitInfo"] for line in lines if "commitInfo" in line)


def test_publishes_a_day_and_nothing_else_of_the_table_changes(workspace):
    two_days(workspace)
    first = workspace.published(day="2021-01-01")
    second = workspace.published(day="2021-01-02")
    assert (first["status"], first["written"]["rows"], first["duplicates_dropped"]) == ("published", 1, 1)
    assert workspace.rows("movie_id, timestamp, original_language, run_date") == [
        (1, 1, "EN", "2021-01-01"),
        (2, 1609459200, "EN", "2021-01-02"),
    ]
    kept = workspace.live_files("2021-01-01")
    workspace.published(day="2021-01-02")
    assert workspace.live_files("2021-01-01") == kept
    assert second["version"] == first["version"] + 1
    assert workspace.leftovers() == []


def test_a_second_run_gives_the_same_rows_and_no_growth(workspace):
    two_days(workspace)
    workspace.published()
    before = workspace.rows()
    report = workspace.published()
    assert workspace.rows() == before
    assert len(workspace.live_files()) == 1
    assert report["files_replaced"] == 1
    for version in range(1, report["version"] + 1):
        assert workspace.delta(version=version).to_pyarrow_table().num_rows == len(before), "a version without the day"


def test_an_emptied_day_replaces_its_rows(workspace):
    two_days(workspace)
    workspace.own_pipelines()
    workspace.published()
    workspace.write_day([], "2021-01-01")
    refused = workspace.run()
    assert refused.code == 66 and "holds no rows" in refused.err
    workspace.edit("pipeline.yaml", "on_empty_input: fail", "on_empty_input: keep")
    assert workspace.published()["status"] == "kept"
    assert len(workspace.rows()) == 1
    workspace.edit("pipeline.yaml", "on_empty_input: keep", "on_empty_input: clear")
    refused = workspace.run()
    assert refused.code == 2, "the check row_count > 0 guards a cleared day too"
    workspace.edit("checks.yaml", "row_count > 0", "row_count >= 0")
    assert workspace.published()["status"] == "published"
    assert workspace.rows() == []


def test_the_commit_tells_where_its_rows_come_from(workspace):
    two_days(workspace)
    report = workspace.published()
    info = commit_info(workspace, report["version"])
    assert info["operation"] == "WRITE"
    assert info["operationParameters"]["mode"] == "Overwrite"
    metadata = json.loads(info["userMetadata"])
    assert metadata["run_id"] == report["run_id"]
    assert metadata["source"]["files"] == 1 and metadata["source"]["bytes"] > 0
    assert metadata["checks"] == {"passed": 7, "warned": 0, "failed": 0, "not_evaluated": 0, "errors": 0}
    log = (workspace.table / "_delta_log" / f"{report['version']:020}.json").read_text()
    assert '"txn"' in log and "default.movie_ratings_curated:2021-01-01" in log


def test_checks_that_fail_keep_the_day_out_and_show_the_rows(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}, {"movie_id": 2, "user_id": 1, "rating": 7.5}])
    done = workspace.run()
    assert done.code == 2
    assert "CHECKS FAILED, nothing published" in done.out
    assert "Ratings lie between 0 and 5 stars" in done.out and "invalid_count(rating)" in done.out
    assert not workspace.table.exists()
    report = workspace.run("--output", "json").json["runs"][0]
    assert report["exit_code"] == 2 and report["published"] is False
    (sample,) = report["samples"]
    assert duckdb.sql(f"SELECT movie_id, rating FROM '{workspace.path_of(sample)}'").fetchall() == [(2, 7.5)]


@pytest.mark.parametrize("bad", [0, 2])
def test_every_staged_file_is_checked(workspace, bad):
    sizes = [
        workspace.write_day([{"movie_id": number, "user_id": 1, "rating": 7.5 if number == bad else 4.0}], name=f"part-{number}.parquet").stat().st_size
        for number in range(3)
    ]
    done = workspace.run("--output", "json", "--set", f"write.target_file_size={max(sizes)}")
    assert done.json["runs"][0]["staged"]["files"] == 3, "the bad row must lie in one file of several"
    assert done.code == 2
    assert not workspace.table.exists()


def test_failed_checks_leave_the_published_day_as_it_was(workspace):
    two_days(workspace)
    workspace.published()
    before = workspace.rows()
    workspace.write_day([{"movie_id": 9, "user_id": 9, "budget": -5}], "2021-01-01")
    assert workspace.run().code == 2
    assert workspace.rows() == before
    assert workspace.leftovers() == []


def test_samples_hold_at_most_100_rows(workspace):
    workspace.write_day([{"movie_id": i, "user_id": 1, "rating": 9.0} for i in range(150)])
    (sample,) = workspace.run("--output", "json").json["runs"][0]["samples"]
    assert duckdb.sql(f"SELECT count(*) FROM '{workspace.path_of(sample)}'").fetchone() == (100,)


def test_warnings_do_not_block(workspace):
    workspace.own_pipelines()
    workspace.edit("checks.yaml", "- row_count > 0:", "- row_count:\n      warn: when < 1000")
    two_days(workspace)
    report = workspace.published()
    assert report["status"] == "published" and report["checks"]["summary"]["warned"] == 1
    assert json.loads(commit_info(workspace, report["version"])["userMetadata"])["checks"]["warned"] == 1


def test_the_gate_after_publish_has_the_order_of_the_original(workspace):
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "gate: before_publish", "gate: after_publish")
    workspace.write_day([{"movie_id": 1, "user_id": 1, "rating": 7.5}])
    done = workspace.run()
    assert done.code == 2 and "CHECKS FAILED after publishing version 1" in done.out
    assert len(workspace.rows()) == 1


def test_a_check_that_cannot_be_evaluated_is_no_success(workspace):
    workspace.own_pipelines()
    workspace.edit("checks.yaml", "  - row_count > 0:", "  - odd = 0:\n      odd query: SELECT CAST(max(original_title) AS bigint) FROM ${table}\n  - row_count > 0:")
    two_days(workspace)
    done = workspace.run()
    assert done.code == 2, done.err
    assert "Title" in done.out and "CHECKS FAILED, nothing published" in done.out
    assert not workspace.table.exists()


def test_dry_run_does_everything_but_publish(workspace):
    two_days(workspace)
    done = workspace.run("--dry-run")
    assert done.code == 0
    assert "dry run, nothing published" in done.out and "2 read, 1 duplicates dropped, 1 staged, 0 written" in done.out
    assert not workspace.table.exists()
    workspace.published()
    before = sorted(workspace.root.rglob("*"))
    assert workspace.run("--dry-run").code == 0
    assert sorted(workspace.root.rglob("*")) == before


def test_a_changed_schema_is_refused_with_a_diff_unless_it_evolves(workspace):
    two_days(workspace)
    workspace.published()
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "    run_date: {", "    stars: {type: int, comment: Whole stars}\n    run_date: {")
    workspace.edit("transform.sql", "  genres\n", "  genres,\n  CAST(round(rating) AS int) AS stars\n")
    refused = workspace.run()
    assert refused.code == 3
    assert "+ stars: int  (not in the table)" in refused.err and "--evolve" in refused.err
    assert workspace.published("--evolve", day="2021-01-02")["status"] == "published"
    assert workspace.rows("run_date, stars") == [("2021-01-01", None), ("2021-01-02", 4)]
    workspace.edit("pipeline.yaml", "stars: {type: int", "stars: {type: string")
    workspace.edit("transform.sql", "AS int) AS stars", "AS string) AS stars")
    refused = workspace.run("--evolve")
    assert refused.code == 3 and "~ stars: int in the table, string in the pipeline" in refused.err


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_drops_what_was_staged(workspace, signal_number):
    workspace.write_sql(
        "SELECT i AS movie_id, i AS user_id, 4::FLOAT AS rating, i AS timestamp, md5(i::VARCHAR) AS original_title, "
        "'en' AS original_language, 1::BIGINT AS budget, false AS adult, [{'id': 1::BIGINT, 'name': 'g'}] AS genres "
        "FROM range(3000000) t(i)"
    )
    process = workspace.start_staging()
    process.send_signal(signal_number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert not workspace.table.exists()


def test_every_run_leaves_a_record(workspace):
    two_days(workspace)
    published = workspace.published()
    workspace.run(day="2021-01-05")
    records = [json.loads(p.read_text()) for p in sorted((workspace.warehouse / "_runs").glob("*.json"))]
    assert sorted(r["status"] for r in records) == ["failed", "published"]
    assert next(r for r in records if r["status"] == "published")["run_id"] == published["run_id"]
    assert all("\n" not in p.read_text().rstrip("\n") for p in (workspace.warehouse / "_runs").glob("*.json"))


def test_a_range_of_days_runs_in_order(workspace):
    two_days(workspace)
    done = workspace.run("--output", "json", day="2021-01-01..2021-01-02")
    assert done.code == 0
    assert [r["execution_date"] for r in done.json["runs"]] == ["2021-01-01", "2021-01-02"]


def test_logs_go_to_stderr_as_json_lines_when_asked(workspace):
    two_days(workspace)
    done = workspace.run("--log-format", "json", "--output", "json")
    assert done.code == 0
    lines = [json.loads(line) for line in done.err.splitlines()]
    assert lines and {"time", "level", "message", "run_id", "execution_date"} <= set(lines[-1])
    assert "\x1b[" not in done.out + done.err


def test_a_second_pipeline_needs_no_cpp(workspace):
    """Another folder, another table: an aggregate over the same raw days, without dedupe and with checks of its own."""
    workspace.add_pipeline(
        "movie_means",
        source="{movie_id: bigint, rating: float}",
        target="{movie_id: bigint, mean: double, ratings: bigint, day: string}",
        select="SELECT movie_id, avg(rating) AS mean, count(*) AS ratings FROM source GROUP BY movie_id",
        checks="row_count > 0; duplicate_count(movie_id, day) = 0",
    )
    workspace.write_day([{"movie_id": 1, "user_id": 1, "rating": 2}, {"movie_id": 1, "user_id": 2, "rating": 4}], name="a.parquet")
    workspace.write_day([{"movie_id": 1, "user_id": 3, "rating": 3}, {"movie_id": 2, "user_id": 3, "rating": 5}], name="b.parquet")
    report = workspace.published("--pipeline", "movie_means", "--set", "data.curated.table=marts.movie_means")
    assert report["checks"]["summary"]["passed"] == 2
    workspace.table = workspace.path_of(report["location"])
    assert workspace.table == workspace.warehouse / "marts.db" / "movie_means"
    assert workspace.rows() == [(1, 3.0, 3, "2021-01-01"), (2, 5.0, 1, "2021-01-01")]


def test_nulls_ties_and_unicode(workspace):
    workspace.write_day(
        [
            {"movie_id": 1, "user_id": 1, "timestamp": 5, "original_language": "ı"},
            {"movie_id": 2, "user_id": 1, "genres": None},
            {"movie_id": 3, "user_id": 1, "genres": []},
            {"movie_id": 4, "user_id": 1, "genres": [{"id": 1, "name": "a"}, {"id": 2, "name": "ß"}]},
            {"movie_id": 5, "user_id": 1, "rating": 2.0, "original_language": "éé"},
            {"movie_id": 5, "user_id": 1, "rating": 1.0, "original_language": "éé"},
        ]
    )
    workspace.own_pipelines()
    workspace.edit("checks.yaml", "valid length: 2", "valid max length: 2")
    workspace.published()
    assert workspace.rows("movie_id, rating, original_language, is_multigenre") == [
        (1, 4.0, "I", False),
        (2, 4.0, "EN", False),
        (3, 4.0, "EN", False),
        (4, 4.0, "EN", True),
        (5, 1.0, "ÉÉ", False),
    ]


def test_many_commits_write_a_checkpoint(workspace):
    two_days(workspace)
    for _ in range(10):
        workspace.published()
    assert (workspace.table / "_delta_log" / "00000000000000000010.checkpoint.parquet").exists()
    assert len(workspace.rows()) == 1


def test_many_small_files_are_compacted_in_a_commit_of_their_own(workspace):
    workspace.write_day([{"movie_id": -1, "user_id": 1}], "2021-01-02")
    workspace.published(day="2021-01-02")
    other = workspace.live_files("2021-01-02")
    report = workspace.published(*workspace.write_small_files())
    assert report["written"]["files"] == 60
    compaction = commit_info(workspace, report["version"] + 1)
    assert compaction["operation"] == "OPTIMIZE"
    log = (workspace.table / "_delta_log" / f"{report['version'] + 1:020}.json").read_text()
    actions = [json.loads(line) for line in log.splitlines()]
    assert all(not a[kind]["dataChange"] for a in actions for kind in ("add", "remove") if kind in a)
    assert len(workspace.live_files("2021-01-01")) < 30
    assert workspace.live_files("2021-01-02") == other
    whole = [("2021-01-01", 30000, 30000, sum(range(30000))), ("2021-01-02", 1, 1, 1000)]
    assert workspace.rows("run_date, count(*), count(DISTINCT movie_id), sum(budget)", "true GROUP BY run_date") == whole
    assert workspace.leftovers() == []
