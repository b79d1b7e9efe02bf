"""A standalone cluster of two workers runs the job; one of them dies while it writes."""

import days
from outcome import fingerprint, on
from servers import wait_for
from test_faults import started


def test_a_worker_dies_while_it_writes(workspace, cluster):
    days.write_big_day(workspace, 1_000_000, files=8, tag=1)
    workspace.published()
    wanted = fingerprint(workspace.table)
    process = started(workspace, *on(cluster.server.url, "--output", "json"))
    assert [worker["coresused"] for worker in cluster.state()["workers"]] == [1, 1], "both workers have an executor"
    try:
        cluster.kill_worker()
        _, err = process.communicate(timeout=240)
    finally:
        cluster.add_worker()  # for the tests that follow
    assert process.returncode == 0, err
    assert fingerprint(workspace.table) == wanted
    assert len(set(workspace.live_files())) == len(workspace.live_files())
    assert workspace.leftovers() == []
    cluster.server.assert_left_alone()
    wait_for("the new worker", lambda: cluster.alive_workers() >= 2)
