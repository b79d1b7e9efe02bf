"""Samples of failing rows whose run was killed before it left a record: nothing names them any more."""

import os
import time


def folder(workspace, name: str, hours: float):
    made = workspace.warehouse / "_runs" / name
    made.mkdir(parents=True)
    (made / "rows.parquet").write_text("rows")
    past = time.time() - hours * 3600
    os.utime(made, (past, past))
    return made


def test_samples_without_a_record_go_after_a_day_and_nothing_else(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    dead = folder(workspace, "20210101T000000-0000000a-samples", 25)
    young = folder(workspace, "20210101T000000-0000000b-samples", 23)
    recorded = folder(workspace, "20210101T000000-0000000c-samples", 25)
    (workspace.warehouse / "_runs/20210101T000000-0000000c.json").write_text("{}")
    others = folder(workspace, "somebody-s-samples", 25)
    mixed = folder(workspace, "20210101T000000-0000000d-samples", 25)
    (mixed / "notes.txt").write_text("precious")
    os.utime(mixed, (1, 1))
    elsewhere = workspace.root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "rows.parquet").write_text("precious")
    link = workspace.warehouse / "_runs/20210101T000000-0000000e-samples"
    link.symlink_to(elsewhere)
    assert workspace.run("--dry-run").code == 0
    assert dead.exists()
    done = workspace.run()
    assert done.code == 0, done.err
    assert not dead.exists()
    assert young.exists() and recorded.exists() and others.exists() and link.is_symlink()
    assert (elsewhere / "rows.parquet").exists() and (mixed / "notes.txt").exists()
