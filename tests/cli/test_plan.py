"""What `plan` says of days: each state, and what it rests on."""

import json
import shutil
import signal

import write_modes
from conftest import BINARY


def plan(workspace, days="2021-01-01..2021-01-03", *args):
    done = workspace.call([str(BINARY), "plan", days, "-c", str(workspace.config), "--output", "json", *args])
    assert done.code in (0, 1), done.err
    return done.json["days"]


def states(workspace, days="2021-01-01..2021-01-03"):
    return [day["state"] for day in plan(workspace, days)]


def day_of(workspace, day="2021-01-01"):
    return plan(workspace, day)[0]


def land(workspace, *days):
    for number, day in enumerate(days or ["2021-01-01"]):
        workspace.write_day([{"movie_id": number, "user_id": 1}, {"movie_id": number, "user_id": 2}], day)


def test_a_day_that_is_published_says_how_and_when(workspace):
    land(workspace)
    report = workspace.published()
    day = day_of(workspace)
    assert (day["state"], day["version"], day["rows"], day["backfill"]) == ("published", report["version"], 2, "leave it")
    assert report["started"] <= day["published"]


def test_missing_and_not_landed(workspace):
    land(workspace, "2021-01-01", "2021-01-02")
    (workspace.raw / "2021/01/03").mkdir()
    assert states(workspace) == ["missing", "missing", "not landed"]
    workspace.published(day="2021-01-01")
    days = plan(workspace, "2021-01-01..2021-01-04")
    assert [day["state"] for day in days] == ["published", "missing", "not landed", "not landed"]
    assert "holds no Parquet files" in days[2]["detail"] and "does not exist" in days[3]["detail"]


def test_a_day_that_has_half_landed_has_not_landed(workspace):
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "source:\n", "source:\n  ready:\n    file: _SUCCESS\n")
    land(workspace)
    assert states(workspace, "2021-01-01") == ["not landed"]
    (workspace.day_folder() / "_SUCCESS").touch()
    assert states(workspace, "2021-01-01") == ["missing"]


def test_raw_files_that_change_after_the_publication(workspace):
    land(workspace)
    workspace.published()
    kept = workspace.day_folder() / "part-00000.parquet"
    workspace.write_day([{"movie_id": 9, "user_id": 9}], name="more.parquet")
    assert states(workspace, "2021-01-01") == ["raw changed"]
    (workspace.day_folder() / "more.parquet").unlink()
    assert states(workspace, "2021-01-01") == ["published"]
    other = workspace.root / "same-bytes"
    shutil.copyfile(kept, other)  # of another time
    other.replace(kept)
    assert states(workspace, "2021-01-01") == ["raw changed"]


def test_a_lake_that_is_copied_with_its_times_is_the_same(workspace):
    land(workspace)
    workspace.published()
    copy = workspace.root / "copy"
    shutil.copytree(workspace.raw, copy)
    shutil.rmtree(workspace.raw)
    copy.rename(workspace.raw)
    assert states(workspace, "2021-01-01") == ["published"]


def test_raw_files_that_are_gone_leave_what_is_published(workspace):
    land(workspace)
    workspace.published()
    shutil.rmtree(workspace.day_folder())
    assert states(workspace, "2021-01-01") == ["published"]


def test_each_of_the_pipelines_files_counts(workspace):
    workspace.own_pipelines()
    land(workspace)
    workspace.published()
    for name in ("pipeline.yaml", "transform.sql", "checks.yaml"):
        path = workspace.pipelines / "movie_ratings" / name
        text = path.read_text()
        path.write_text(text + "\n")
        assert states(workspace, "2021-01-01") == ["pipeline changed"], name
        path.write_text(text)
        assert states(workspace, "2021-01-01") == ["published"]


def test_an_input_of_another_version(workspace):
    workspace.own_pipelines()
    inputs = workspace.root / "titles"
    inputs.mkdir()
    (inputs / "a.csv").write_text("movie_id,title\n1,A\n")
    workspace.edit(
        "pipeline.yaml", "transform:", f"inputs:\n  titles:\n    path: {inputs}\n    format: csv\n    columns: {{movie_id: bigint, title: string}}\ntransform:"
    )
    land(workspace)
    workspace.published()
    assert states(workspace, "2021-01-01") == ["published"]
    (inputs / "b.csv").write_text("movie_id,title\n2,B\n")
    assert states(workspace, "2021-01-01") == ["input changed"]
    workspace.published()
    assert states(workspace, "2021-01-01") == ["published"]


def test_refused_and_failed_say_why_until_a_run_publishes(workspace):
    workspace.own_pipelines()
    land(workspace)
    workspace.edit("checks.yaml", "row_count > 0", "row_count > 5")
    assert workspace.run().code == 2
    day = day_of(workspace)
    assert day["state"] == "refused (checks)" and day["detail"] == "The day has ratings" and day["run_id"]
    workspace.edit("checks.yaml", "row_count > 5", "row_count > 0")
    (workspace.day_folder() / "part-00000.parquet").write_bytes(b"PAR1 and no more")
    assert workspace.run().code == 3
    day = day_of(workspace)
    assert day["state"] == "failed" and day["detail"].startswith("exit 3 (")
    land(workspace)
    workspace.published()
    assert states(workspace, "2021-01-01") == ["published"]
    workspace.edit("checks.yaml", "row_count > 0", "row_count > 5")
    assert workspace.run().code == 2
    day = day_of(workspace)
    assert (day["state"], day["rows"]) == ("refused (checks)", 2), "what was published before stands, and is told"


def test_a_run_that_stages_is_running(workspace):
    workspace.write_sql("SELECT i AS movie_id, i AS user_id, 4::FLOAT AS rating, i AS timestamp, 'T' AS original_title, 'en' AS original_language, i AS budget, "
                        "false AS adult, NULL::STRUCT(id BIGINT, name VARCHAR)[] AS genres FROM range(3000000) t(i)")
    process = workspace.start_staging()
    process.send_signal(signal.SIGSTOP)
    try:
        assert states(workspace, "2021-01-01") == ["running"]
    finally:
        process.kill()
        process.communicate(timeout=30)
    assert states(workspace, "2021-01-01") == ["missing"], "the dead do not run"


def test_what_it_rests_on_outlives_checkpoint_and_clean_up_of_the_log(workspace):
    days = [f"2021-01-{number:02}" for number in range(1, 13)]
    land(workspace, *days)
    for day in days:
        workspace.published(day=day)
    log = workspace.table / "_delta_log"
    checkpoint = max(int(p.name[:20]) for p in log.glob("*.checkpoint*.parquet"))
    for entry in log.glob("*.json"):
        if entry.name[:20].isdigit() and int(entry.name[:20]) <= checkpoint:
            entry.unlink()
    found = plan(workspace, "2021-01-01..2021-01-12")
    assert {day["state"] for day in found} == {"published"} and all(day["version"] and day["rows"] == 2 for day in found)


def test_what_it_rests_on_outlives_compaction_and_checkpoint_by_another_writer(workspace):
    land(workspace, "2021-01-01", "2021-01-02")
    workspace.published(day="2021-01-01")
    workspace.published(day="2021-01-02")
    before = plan(workspace, "2021-01-01..2021-01-02")
    table = workspace.delta()
    table.optimize.z_order(["movie_id"])
    table.create_checkpoint()
    for entry in (workspace.table / "_delta_log").glob("*.json"):
        if entry.name[:20].isdigit() and int(entry.name[:20]) < table.version():
            entry.unlink()
    assert plan(workspace, "2021-01-01..2021-01-02") == before


def test_a_day_that_somebody_deleted_is_missing(workspace):
    land(workspace, "2021-01-01", "2021-01-02")
    workspace.published(day="2021-01-01")
    workspace.published(day="2021-01-02")
    workspace.delta().delete("run_date = '2021-01-01'")
    assert states(workspace, "2021-01-01..2021-01-02") == ["missing", "published"]


def test_gaps_are_an_exit_code_where_they_are_to_be(workspace):
    land(workspace, "2021-01-01", "2021-01-02")
    workspace.published(day="2021-01-01")
    call = lambda *args: workspace.call([str(BINARY), "plan", *args, "-c", str(workspace.config)])  # noqa: E731
    assert call("2021-01-01..2021-01-02").code == 0
    assert call("2021-01-01..2021-01-02", "--fail-on-gaps").code == 1
    done = call("2021-01-01", "--fail-on-gaps")
    assert done.code == 0 and "1 day: 1 published" in done.out


def test_words_for_days_say_what_they_mean(workspace):
    done = workspace.call([str(BINARY), "plan", "today-2..yesterday", "-c", str(workspace.config), "--output", "json"])
    assert len(done.json["days"]) == 2 and "by UTC" in done.err
    assert workspace.call([str(BINARY), "plan", "tomorrow", "-c", str(workspace.config)]).code == 64


def test_a_file_that_came_late_counts_for_the_days_that_look_back_to_it(workspace):
    write_modes.modes(workspace, write_modes.MERGE)
    path = workspace.pipelines / "p" / "pipeline.yaml"
    definition = json.loads(path.read_text())
    definition["source"]["lookback"] = "2d"
    path.write_text(json.dumps(definition))
    first, second, third = write_modes.DAYS[:3]
    for number, day in enumerate((first, second, third)):
        write_modes.land(workspace, day, [(number, day, 1, "a")])
        workspace.published("--pipeline", "p", day=day)
    days = f"{first}..{third}"
    found = plan(workspace, days, "--pipeline", "p")
    assert [day["state"] for day in found] == ["published"] * 3
    write_modes.land(workspace, first, [(9, first, 1, "late")])
    assert [day["state"] for day in plan(workspace, days, "--pipeline", "p")] == ["raw changed"] * 3
