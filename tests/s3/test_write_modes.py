"""Partitions of the data and the modes of writing in a store."""

import random

import pytest
from write_modes import DAYS, MERGE, land, modes, newest


def test_a_merge_of_days_in_any_order(workspace):
    modes(workspace, MERGE)
    seed = random.Random(20210101)
    landed = {day: [(seed.randrange(12), seed.choice(DAYS), seed.randrange(3), seed.choice("ab")) for _ in range(30)] for day in DAYS}
    for day, rows in landed.items():
        workspace.arrived(land(workspace, day, rows))
    for day in (DAYS[2], DAYS[0], DAYS[3], DAYS[1], DAYS[0]):
        report = workspace.published("--pipeline", "p", day=day)
    assert report["effect"]["unchanged"] > 0 and report["written"]["files"] == 0, "a day that was merged already"
    assert workspace.rows("k, CAST(day AS VARCHAR), ts, v", order="ALL") == newest(landed.values())
    assert workspace.leftovers() == []


@pytest.mark.parametrize("mode", ["overwrite", "append"])
def test_a_day_that_runs_again(workspace, mode):
    modes(workspace, {"partition": {"day": "date"}, "mode": mode})
    workspace.arrived(land(workspace, DAYS[0], [(1, DAYS[0], 1, "a"), (2, DAYS[1], 1, "b / ü")]))
    for _ in range(2):
        workspace.published("--pipeline", "p")
    assert workspace.rows("k, v", order="k") == [(1, "a"), (2, "b / ü")]
    assert workspace.leftovers() == []
