"""expire: what is older than the configuration keeps it goes, by the names that runs give and no others."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from upkeep import command, told


def run_id(days: float, number: int) -> str:
    began = datetime.now(UTC) - timedelta(days=days)
    return f"{began:%Y%m%dT%H%M%S}-{number:08x}"


class Runs:
    """Records and samples in a warehouse."""

    def __init__(self, workspace):
        self.folder = workspace.warehouse / "_runs"
        self.folder.mkdir(parents=True)
        self.spool = workspace.state / "movies-etl" / "spool"

    def record(self, run: str):
        path = self.folder / f"{run}.json"
        path.write_text(json.dumps({"run_id": run}))
        return path

    def samples(self, run: str):
        folder = self.folder / f"{run}-samples"
        folder.mkdir()
        (folder / "rows.parquet").write_text("rows")
        return folder

    def waiting(self, run: str, place: dict):
        self.spool.mkdir(parents=True, exist_ok=True)
        path = self.spool / f"{run}.json"
        path.write_text(json.dumps({"for": {"config_file": "", "environment": "", **place}, "record": json.dumps({"run_id": run})}))
        return path


@pytest.fixture
def runs(workspace):
    return Runs(workspace)


def keep(workspace, **ages: str):
    workspace.write_config(extra="  retention:\n" + "".join(f"    {name}: {age}\n" for name, age in ages.items()))


def test_without_a_setting_everything_is_kept(workspace, runs):
    record, samples = runs.record(run_id(9000, 1)), runs.samples(run_id(9000, 1))
    report = told(workspace, "expire")
    assert (report["files"], report["files_removed"]) == ([], 0)
    assert "everything is kept" in command(workspace, "expire").out
    assert record.exists() and samples.exists()


def test_what_is_older_goes_and_is_told_before(workspace, runs):
    old, young = run_id(91, 1), run_id(89, 2)
    gone = [runs.record(old), runs.samples(old) / "rows.parquet"]
    kept = [runs.record(young), runs.samples(young) / "rows.parquet"]
    keep(workspace, records="90d", samples="90d")
    for flags in (("--dry-run",), ()):
        report = told(workspace, "expire", *flags)
        assert sorted(one["path"] for one in report["files"]) == sorted(map(str, gone))
        assert report["files_removed"] == 2 and report["bytes_removed"] == sum(one["bytes"] for one in report["files"]) > 4
        assert report["dry_run"] == bool(flags)
        assert all(path.exists() for path in kept) and all(path.exists() == bool(flags) for path in gone)
    assert not gone[1].parent.exists(), "the empty folder too"
    assert told(workspace, "expire")["files"] == []


def test_a_record_stays_as_long_as_its_samples(workspace, runs):
    run = run_id(50, 1)
    record, samples = runs.record(run), runs.samples(run)
    keep(workspace, records="30d", samples="90d")
    assert told(workspace, "expire")["files"] == [] and record.exists()
    keep(workspace, records="30d")
    assert told(workspace, "expire")["files"] == [] and record.exists(), "samples are kept for ever"
    keep(workspace, records="30d", samples="40d")
    assert [one["kind"] for one in told(workspace, "expire")["files"]] == ["samples", "record"]
    assert not record.exists() and not samples.exists()


def test_what_has_another_name_or_is_a_link_stays(workspace, runs, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "rows.parquet").write_text("precious")
    (elsewhere / "record.json").write_text("{}")
    linked, mixed, inner = run_id(91, 1), run_id(91, 2), run_id(91, 3)
    (runs.folder / f"{linked}-samples").symlink_to(elsewhere)
    (runs.folder / f"{run_id(91, 4)}.json").symlink_to(elsewhere / "record.json")
    records = [runs.record(run) for run in (linked, mixed, inner)]
    notes = runs.samples(mixed) / "notes.txt"
    notes.write_text("precious")
    link = runs.samples(inner) / "link.parquet"
    link.symlink_to(elsewhere / "rows.parquet")
    others = [runs.folder / "notes.json", runs.folder / "20219999T999999-0000000a.json", runs.folder / "days"]
    others[0].write_text("{}")
    others[1].write_text("{}")
    others[2].mkdir()
    keep(workspace, records="90d", samples="90d")
    for flags in (("--dry-run",), ()):
        assert len(told(workspace, "expire", *flags)["files"]) == 2, "the samples beside the notes and the link"
    assert notes.exists() and link.is_symlink() and all(path.exists() for path in others)
    assert (elsewhere / "rows.parquet").read_text() == "precious" and (elsewhere / "record.json").exists()
    assert (runs.folder / f"{linked}-samples").is_symlink() and all(record.exists() for record in records)


def test_records_that_wait_here(workspace, runs):
    mine = runs.waiting(run_id(91, 1), {"curated_location": str(workspace.warehouse)})
    young = runs.waiting(run_id(1, 2), {"curated_location": str(workspace.warehouse)})
    foreign = runs.waiting(run_id(91, 3), {"curated_location": "/another/warehouse"})
    keep(workspace, spool="90d")
    assert [(one["kind"], one["path"]) for one in told(workspace, "expire")["files"]] == [("spool", str(mine))]
    assert not mine.exists() and young.exists() and foreign.exists()


def test_real_samples_and_records(workspace):
    workspace.own_pipelines()
    (workspace.pipelines / "movie_ratings" / "checks.yaml").write_text(
        "checks for ${table}:\n  - failed rows:\n      name: none\n      fail condition: user_id > 0\n"
    )
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    assert workspace.run().code == 2
    found = [path for path in (workspace.warehouse / "_runs").rglob("*") if path.is_file() and "days" not in path.parts]
    assert len(found) == 2
    assert told(workspace, "expire", "--set", "retention.samples=1d", "--set", "retention.records=1d")["files"] == []
    report = told(workspace, "expire", "--set", "retention.samples=0s", "--set", "retention.records=0s")
    assert sorted(one["path"] for one in report["files"]) == sorted(map(str, found))
    assert not any(path.exists() for path in found)
    assert told(workspace, "plan", "2021-01-01")["days"][0]["state"] == "refused (checks)", "plan has what it needs"


def test_a_wrong_length_of_time(workspace):
    keep(workspace, samples="soon")
    done = command(workspace, "expire")
    assert done.code == 78 and "retention.samples" in done.err and "90d" in done.err
