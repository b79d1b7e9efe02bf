"""Raw files that land by the hour: {HH} in source.path, --execution-hour, and tables in which an hour replaces itself alone."""

import json

import pytest
from inputs import refused
from write_modes import DAYS, MERGE, land, modes

HOURLY = {"partition": ["run_date", "run_hour"]}


def hourly(workspace, target, hour_column=True, **source):
    modes(workspace, target)
    path = workspace.pipelines / "p" / "pipeline.yaml"
    definition = json.loads(path.read_text())
    definition["source"] |= {"path": "{yyyy}/{MM}/{dd}/{HH}"} | source
    if hour_column:
        definition["target"]["columns"]["run_hour"] = "int"
    path.write_text(json.dumps(definition))


def land_hour(workspace, hour, rows):
    at = workspace.day_folder(DAYS[0])
    file = land(workspace, DAYS[0], rows)
    (at / f"{hour:02}").mkdir(exist_ok=True)
    file.rename(at / f"{hour:02}" / file.name)


def run(workspace, hour):
    return workspace.published("--pipeline", "p", "--execution-hour", str(hour))


@pytest.mark.parametrize("target", [HOURLY, {"partition": {"day": "date"}, "mode": "append"}, {"partition": "none", "mode": "append"}], ids=["partition", "append", "append_whole"])
def test_an_hour_replaces_itself_alone(workspace, target):
    hourly(workspace, target)
    for hour in (7, 8, 19):
        land_hour(workspace, hour, [(hour, DAYS[0], 1, "a")])
        report = run(workspace, hour)
        assert report["execution_hour"] == hour and report["execution_date"] == DAYS[0]
    land_hour(workspace, 8, [(80, DAYS[0], 1, "b"), (81, DAYS[0], 1, "c")])
    run(workspace, 8)
    assert workspace.rows("k, run_hour, run_date", order="k") == [(7, 7, DAYS[0]), (19, 19, DAYS[0]), (80, 8, DAYS[0]), (81, 8, DAYS[0])]
    assert workspace.leftovers() == []


def test_a_range_of_hours(workspace):
    hourly(workspace, HOURLY)
    for hour in (0, 1, 2):
        land_hour(workspace, hour, [(hour, DAYS[0], 1, "a")])
    done = workspace.run("--pipeline", "p", "--execution-hour", "0..2", "--output", "json")
    assert done.code == 0 and [each["execution_hour"] for each in done.json["runs"]] == [0, 1, 2]
    refused(workspace.run("--pipeline", "p", "--execution-hour", "2..4"), 66, "2021/01/01/03 does not exist")
    assert workspace.rows("count(*)") == [(3,)]


def test_a_merge_looks_back_by_hours(workspace):
    hourly(workspace, MERGE, hour_column=False, lookback="2h")
    land_hour(workspace, 5, [(5, DAYS[0], 1, "a")])
    land_hour(workspace, 7, [(7, DAYS[0], 1, "a")])
    land_hour(workspace, 8, [(8, DAYS[0], 1, "a")])
    assert run(workspace, 8)["source"]["files"] == 2
    assert run(workspace, 7)["source"]["files"] == 2
    assert workspace.rows("k", order="k") == [(5,), (7,), (8,)]


@pytest.mark.parametrize(
    ("target", "column", "text"),
    [
        ({}, False, "an hour would replace its day"),
        ({"partition": ["run_date", "v"]}, True, "an hour would replace its day"),
        ({"partition": "none", "mode": "append"}, False, "an hour would replace its day"),
    ],
)
def test_an_hour_must_not_replace_its_day(workspace, target, column, text):
    hourly(workspace, target, column)
    refused(workspace.run("--pipeline", "p", "--execution-hour", "7"), 78, text, "Declare a column run_hour: int", "pipeline.yaml:")


def test_the_flag_and_the_path_go_together(workspace):
    hourly(workspace, HOURLY)
    refused(workspace.run("--pipeline", "p"), 64, "pipeline 'p' runs by the hour: --execution-hour is missing")
    refused(workspace.run("--pipeline", "p", "--execution-hour", "24"), 64, "'24' is not an hour", "from 0 to 23")
    refused(workspace.run("--pipeline", "p", "--execution-hour", "5..4"), 64, "'5..4' ends before it begins")
    workspace.write_sql("SELECT 1")
    refused(workspace.run("--execution-hour", "7", "--set", "pipelines.location=" + str(__file__).rsplit("/tests/", 1)[0] + "/pipelines"), 64, "runs by the day")


def test_a_plan_knows_days_alone(workspace):
    hourly(workspace, HOURLY)
    for command in ("plan", "backfill"):
        done = workspace.call([workspace.command(day=None)[0], command, DAYS[0], "--pipeline", "p", "--config-file-path", str(workspace.config)])
        refused(done, 64, "runs by the hour, and a plan knows days alone", "--execution-hour 0..23")


def test_an_unknown_placeholder(workspace):
    hourly(workspace, HOURLY, path="{yyyy}/{MM}/{dd}/{hh}")
    refused(workspace.run("--pipeline", "p", "--execution-hour", "7"), 78, "unknown placeholder '{hh}'")


def test_two_hours_at_once(workspace):
    hourly(workspace, {"partition": {"day": "date"}, "mode": "append"})
    for hour in (7, 8):
        land_hour(workspace, hour, [(hour, DAYS[0], 1, "a")])
    running = [workspace.start("--pipeline", "p", "--execution-hour", str(hour)) for hour in (7, 8)]
    told = [each.communicate(timeout=60)[1] for each in running]
    assert [each.returncode for each in running] == [0, 0], told
    assert workspace.rows("k", order="k") == [(7,), (8,)]
