"""Rounds of runs side by side on one table: nothing lost, nothing doubled, as another reader counts. S3_ROUNDS=N sets how many."""

import os

import pytest
from interop.test_parallel_runs import DAY, finish

ROUNDS = int(os.environ.get("S3_ROUNDS", "20"))
DAYS = [f"2021-01-0{number}" for number in range(1, 9)]


def runs_of_the_log(workspace) -> list[str]:
    """The run of each commit that wrote data; a run that is listed twice was published twice."""
    import json

    history = workspace.delta().history()
    return [json.loads(commit["userMetadata"])["run_id"] for commit in history if commit["operation"] == "WRITE"]


def test_eight_days_at_once_again_and_again(workspace):
    for turn in range(ROUNDS):
        for number, day in enumerate(DAYS):
            workspace.write_sql(DAY.format(tag=100 * turn + number, rows=200), day)
        codes, err = finish([workspace.start(day=day) for day in DAYS])
        assert codes == [0] * 8, err
        assert workspace.rows("run_date, count(*), count(DISTINCT movie_id), min(user_id), max(user_id)", "true GROUP BY run_date") == [
            (day, 200, 200, 100 * turn + number, 100 * turn + number) for number, day in enumerate(DAYS)
        ]
    written = runs_of_the_log(workspace)
    assert len(written) == len(set(written)) == 8 * ROUNDS
    assert workspace.leftovers() == []


@pytest.mark.parametrize("look", range(1, 5))
def test_a_table_that_another_run_makes_between_two_looks(workspace, proxy, look):
    """Just before the run lists the log for the n-th time another one makes the table: both days are there in the end."""
    for number, day in enumerate(DAYS[:2]):
        workspace.write_sql(DAY.format(tag=number, rows=200), day)
    looks = []

    def fault(request):
        if request.kind == "LIST log":
            looks.append(request)
            if len(looks) == look:
                workspace.published(day=DAYS[0])

    proxy.fault = fault
    workspace.published("--set", f"storage.s3.endpoint={proxy.endpoint}", day=DAYS[1])
    assert len(looks) >= look
    assert workspace.rows("run_date, count(*)", "true GROUP BY run_date") == [(day, 200) for day in DAYS[:2]]


def test_two_runs_of_one_day_again_and_again(workspace):
    """Each round has rows of its own, so a run that went missing would show as an old round's rows."""
    for turn in range(ROUNDS):
        workspace.write_sql(DAY.format(tag=turn, rows=2000))
        codes, err = finish([workspace.start(), workspace.start()])
        assert codes == [0, 0], err
        assert workspace.rows("count(*), count(DISTINCT movie_id), min(user_id), max(user_id)") == [(2000, 2000, turn, turn)]
        assert len(workspace.live_files()) == 1
    written = runs_of_the_log(workspace)
    assert len(written) == len(set(written)) == 2 * ROUNDS
    assert workspace.leftovers() == []
