"""Folders of the days before, for files that came late."""

import json

import pytest
from inputs import refused
from write_modes import DAYS, MERGE, land, modes


def looking_back(workspace, target=MERGE, **source):
    modes(workspace, target)
    path = workspace.pipelines / "p" / "pipeline.yaml"
    definition = json.loads(path.read_text())
    definition["source"] |= {"lookback": "2d"} | source
    path.write_text(json.dumps(definition))


def test_what_came_late_goes_to_its_partition(workspace):
    looking_back(workspace)
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a")])
    land(workspace, DAYS[2], [(3, DAYS[2], 1, "c")])
    assert workspace.published("--pipeline", "p", day=DAYS[2])["source"]["rows"] == 2, "2021-01-02 has no folder"
    land(workspace, DAYS[1], [(2, DAYS[1], 1, "late"), (1, DAYS[0], 2, "newer")])
    land(workspace, DAYS[3], [(4, DAYS[3], 1, "d")])
    report = workspace.published("--pipeline", "p", day=DAYS[3])
    assert report["source"]["files"] == 3 and report["source"]["rows"] == 4, "2021-01-01 is three days back"
    assert workspace.rows("k, ts, v", order="k") == [(1, 2, "newer"), (2, 1, "late"), (3, 1, "c"), (4, 1, "d")]
    assert workspace.leftovers() == []


def test_the_day_itself_must_be_there_and_ready(workspace):
    looking_back(workspace, ready={"min_files": 1, "file": "_SUCCESS"})
    land(workspace, DAYS[0], [(1, DAYS[0], 1, "a")])
    (workspace.day_folder(DAYS[0]) / "_SUCCESS").touch()
    refused(workspace.run("--pipeline", "p", day=DAYS[1]), 66, "does not exist")
    workspace.day_folder(DAYS[1]).mkdir(parents=True)
    refused(workspace.run("--pipeline", "p", day=DAYS[1]), 66, "is not ready: there is no _SUCCESS, it holds 0 of at least 1 files")


@pytest.mark.parametrize("lookback", ["0d", "36h", "2", "400d"])
def test_it_is_whole_days(workspace, lookback):
    looking_back(workspace, lookback=lookback)
    refused(workspace.run("--pipeline", "p"), 78, "source.lookback")


def test_not_for_a_partition_of_the_execution_date(workspace):
    looking_back(workspace, {})
    refused(workspace.run("--pipeline", "p"), 78, "'source.lookback' cannot be", "Partition by a column of the data")
