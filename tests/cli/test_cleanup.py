"""Clean-up takes nothing that lives, that a version of the table names, or that this program did not make; and leaves nothing of the dead."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from conftest import BINARY, Workspace

RUN = "20210101T000000-aaaaaaaa"
DAY = "2021-01-01"
NEXT = "2021-01-02"

needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="LOUD: strace is not installed, kills at a system call were not tested")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="LOUD: only root can act as another user or in another namespace; this was not tested")


@pytest.fixture
def published(workspace):
    for number, day in enumerate([DAY, NEXT]):
        workspace.write_day([{"movie_id": number, "user_id": 1}], day)
    workspace.published()
    return workspace


def all_below(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def strays(workspace) -> list[str]:
    """Whatever lies in the warehouse and is neither the table's nor a finished record."""
    out = list(workspace.leftovers())
    for path in workspace.warehouse.rglob("*"):
        if ".draft" in path.name or "#" in path.name or path.name == "_staging" or (path.is_dir() and not any(path.iterdir())):
            out.append(str(path))
    return out


def killed_at(workspace, calls: str, path: Path, day: str = DAY, when: int = 1):
    """A run that is killed as it enters one of these system calls on this path."""
    command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:signal=SIGKILL:when={when}", "-P", str(path)]
    done = workspace.call([*command, *workspace.command(day=day)])
    if "Operation not permitted" in done.err:
        pytest.skip("LOUD: this machine does not allow tracing, kills at a system call were not tested")
    assert done.code in (-signal.SIGKILL, 128 + signal.SIGKILL), done.err
    return done


# ---- links


@pytest.mark.parametrize("flags,code", [([], 0), (["--dry-run"], 0), (["--pipeline", "failing"], 2)])
def test_a_table_that_is_reached_through_a_link_stays_so(published, flags, code):
    home = published.own_pipelines()
    shutil.copytree(home, home.parent / "failing")
    (home.parent / "failing/checks.yaml").write_text("checks for ${table}:\n  - row_count > 100\n")
    disk = published.root / "disk"
    published.table.rename(disk)
    published.table.symlink_to(disk)
    (disk / "empty").mkdir()
    before = all_below(disk)
    done = published.run(*flags, *(["--take-over"] if code else []))
    assert done.code == code, done.err
    assert published.table.is_symlink() and (disk / "empty").is_dir()
    assert code == 0 and not flags or all_below(disk) == before


def test_a_partition_that_is_a_link_is_written_but_never_removed(published):
    elsewhere = published.root / "elsewhere"
    elsewhere.mkdir()
    (published.table / f"run_date={NEXT}").symlink_to(elsewhere)
    assert published.run("--dry-run", day=NEXT).code == 0
    assert (published.table / f"run_date={NEXT}").is_symlink()
    published.published(day=NEXT)
    assert published.rows("movie_id") == [(0,), (1,)]


def test_folders_that_were_there_stay(published):
    for day in (NEXT, "2021-01-03"):
        (published.table / f"run_date={day}").mkdir()
    assert published.run("--dry-run", day=NEXT).code == 0
    assert (published.table / f"run_date={NEXT}").is_dir() and (published.table / "run_date=2021-01-03").is_dir()


# ---- hostile leases


def test_hostile_markers_hang_nobody_and_take_nothing(published):
    staging = published.table / "_staging"
    staging.mkdir()
    os.mkfifo(staging / "x.json")
    os.mkfifo(staging / f"{RUN}.json")
    (staging / "20210101T000000-bbbbbbbb.json").mkdir()
    (published.root / "victim").write_text("keep")
    (staging / "20210101T000000-cccccccc.json").symlink_to(published.root / "victim")
    (staging / "20210101T000000-dddddddd.json").write_bytes(b"[" * 5_000_000)
    (staging / "empty.json").write_text("")
    precious = published.root / "precious"
    precious.mkdir()
    for number, (run, partition) in enumerate([("part-", f"run_date={DAY}"), ("0000", ""), (RUN, "../../precious"), (RUN, "_delta_log")]):
        (precious / f"part-{run}-0.parquet").write_text("keep")
        (staging / f"2021010{number + 1}T000000-eeeeeeee.json").write_text(
            json.dumps({"run_id": run, "partition": partition, "base_version": 99, "pid": 1})
        )
    before = all_below(published.root)
    done = published.call([str(BINARY), "clean-staged", "--config-file-path", str(published.config), "--older-than", "0s"])
    assert done.code == 0 and ": 0 dead runs" in done.out, done.err
    assert all_below(published.root) == before
    assert done.err.count("is not a lease of a run and is left alone") == 10, done.err
    published.published(day=NEXT)
    assert published.rows("movie_id") == [(0,), (1,)]
    assert [p for p in before if not (published.root / p).exists() and not (published.root / p).is_symlink()] == []


# ---- what a kill leaves


@needs_strace
@pytest.mark.parametrize(
    "calls,where",
    [
        ("rename", f"_staging/{{run}}"),
        ("linkat", "_delta_log/00000000000000000002.json"),
        ("fsync", "_delta_log"),
        ("rename", "../_runs/{run}"),
    ],
)
def test_after_a_kill_at_any_step_the_next_run_leaves_nothing(published, calls, where):
    command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e"]
    # The run's id is not known before it: each call of its kind is tried in turn until the run ends by itself.
    killed = 0
    for when in range(1, 40):
        done = published.call([*command, f"inject={calls}:signal=SIGKILL:when={when}", *published.command(day=NEXT)])
        if "Operation not permitted" in done.err:
            pytest.skip("LOUD: this machine does not allow tracing, kills at a system call were not tested")
        if done.code == 0:
            break
        killed += 1
        published.published(day=DAY)
        assert strays(published) == [], f"killed at {calls} number {when}"
    assert killed > 0 and done.code == 0, "the run must have been killed, and then no more"


@needs_strace
def test_a_run_killed_behind_its_commit_loses_nothing_when_the_log_was_cleaned_up(workspace):
    """Power cut just after the commit; another writer checkpoints and cleans the log by the table's retention."""
    from deltalake import DeltaTable

    for number, day in enumerate([DAY, NEXT]):
        workspace.write_day([{"movie_id": number, "user_id": 1}], day)
    workspace.published(day=NEXT)
    # The first file that a run of an existing table removes is the draft of its log entry, just linked into its place.
    command = ["strace", "-f", "-o", "/dev/null", "-e", "trace=unlink", "-e", "inject=unlink:signal=SIGKILL:when=1"]
    done = workspace.call([*command, *workspace.command()])
    if "Operation not permitted" in done.err:
        pytest.skip("LOUD: this machine does not allow tracing, kills at a system call were not tested")
    assert done.code != 0 and len(list((workspace.table / "_staging").iterdir())) == 1 and workspace.rows("movie_id") == [(0,), (1,)], done.err
    table = DeltaTable(str(workspace.table))
    table.alter.set_table_properties({"delta.logRetentionDuration": "interval 0 seconds", "delta.enableExpiredLogCleanup": "true"})
    table.create_checkpoint()
    for entry in (workspace.table / "_delta_log").glob("*.json"):
        os.utime(entry, (time.time() - 90 * 86400,) * 2)
    DeltaTable(str(workspace.table)).cleanup_metadata()
    assert not (workspace.table / "_delta_log/00000000000000000002.json").exists(), "the entry of the commit must be gone"
    workspace.published(day=NEXT)
    assert workspace.rows("movie_id") == [(0,), (1,)]
    assert not (workspace.table / "_staging").exists()


def test_a_dry_run_cleans_up_nothing_of_others(published):
    process = published.start_staging("--memory-limit", "100MB", day=NEXT)
    process.kill()
    process.communicate(timeout=30)
    before = all_below(published.table)
    assert published.run("--dry-run").code == 0
    assert all_below(published.table) == before
    published.published()
    assert strays(published) == []


@needs_root
def test_what_a_dead_run_of_root_left_stops_no_day_of_another_user(tmp_path):
    """Somebody ran the job once with sudo, and it was killed. The job's own user cannot remove that run's files."""
    root = Path(tempfile.mkdtemp(prefix="two-users-"))
    try:
        root.chmod(0o755)
        workspace = Workspace(root)
        workspace.own_pipelines()
        for number, day in enumerate([DAY, NEXT]):
            workspace.write_day([{"movie_id": number, "user_id": 1}], day)
        binary = root / "movies-etl"
        shutil.copy(BINARY, binary)
        (library,) = re.findall(r"(/\S*libduckdb\.so\S*)", subprocess.run(["ldd", str(BINARY)], capture_output=True, text=True, check=True).stdout)
        shutil.copy(library, root)
        workspace.warehouse.mkdir()
        subprocess.run(["chmod", "-R", "a+rX", str(root)], check=True)
        os.chown(workspace.warehouse, 1000, 1000)

        def as_user(day):
            command = [str(binary), *workspace.command(day=day)[1:]]
            return workspace.call(
                ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "env", f"LD_LIBRARY_PATH={root}", "TMPDIR=/tmp", "HOME=/tmp", *command]
            )

        assert as_user(DAY).code == 0
        killed = workspace.table / f"run_date={NEXT}"
        killed.mkdir()
        (killed / f"part-{RUN}-00000.snappy.parquet").write_text("rows")
        staging = workspace.table / "_staging"
        staging.mkdir()
        staging.chmod(0o777)  # as earlier versions never left it: the lease can be placed, but its neighbour not removed
        lease = staging / f"{RUN}.json"
        lease.write_text(json.dumps({"run_id": RUN, "partition": killed.name, "base_version": 1, "machine": "there/pid:[1]", "pid": 1}))
        os.utime(lease, (time.time() - 86400,) * 2)
        done = as_user(DAY)
        assert done.code == 0, done.err
        assert "cannot be removed now, the next run tries again: Permission denied" in done.err
        assert any(staging.iterdir()) and any(killed.iterdir()), "the lease stays beside what it names"
    finally:
        shutil.rmtree(root)


@needs_root
def test_folders_that_root_makes_belong_to_the_tables_user(published):
    os.chown(published.warehouse, 1000, 1000)
    os.chown(published.table, 1000, 1000)
    shutil.rmtree(published.warehouse / "_runs")
    published.published(day=NEXT)
    for folder in (published.table / f"run_date={NEXT}", published.warehouse / "_runs"):
        assert folder.stat().st_uid == 1000, folder


# ---- names that nobody can guess, rights that nobody else has


def spill_folders(folder: Path) -> list[Path]:
    return sorted(folder.glob("movies-etl-*"))


def test_the_folder_for_spilled_rows_is_ones_own_and_swept_after_a_kill(published):
    scratch = published.root / "scratch"
    scratch.mkdir()
    (scratch / "movies-etl-foreign").mkdir()
    flags = ["--set", f"engine.temp_directory={scratch}"]
    process = published.start_staging(*flags, day=NEXT)
    (own,) = [p for p in spill_folders(scratch) if p.name != "movies-etl-foreign"]
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    process.kill()
    process.communicate(timeout=30)
    (own / "duckdb_temp_storage_DEFAULT-0.tmp").write_text("rows")
    (published.root / "victim").write_text("keep")
    (own / "link").symlink_to(published.root)
    published.published(*flags)
    assert [p.name for p in spill_folders(scratch)] == ["movies-etl-foreign"]
    assert (published.root / "victim").read_text() == "keep"


def test_the_folder_for_spilled_rows_of_a_living_run_stays(published):
    process = published.start_staging(day=NEXT)
    process.send_signal(signal.SIGSTOP)
    (own,) = spill_folders(published.root)
    published.published()
    assert spill_folders(published.root) == [own]
    process.send_signal(signal.SIGCONT)
    assert process.wait(timeout=60) == 0, process.communicate()[1]
    assert spill_folders(published.root) == []


def test_a_temporary_folder_that_is_not_there_stops_no_run_that_needs_none(published):
    done = published.run(env={"TMPDIR": str(published.root / "absent")})
    assert done.code == 0 and "what does not fit into memory has no place" in done.err, done.err
    done = published.run("--set", f"engine.temp_directory={published.config}/below")
    assert done.code == 78 and "engine.temp_directory: " in done.err, done.err


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def any_umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("any_umask")
@pytest.mark.parametrize("flags,mode,folder", [([], 0o600, 0o700), (["--set", "records.mode=0640"], 0o640, 0o750)])
def test_records_samples_and_history_are_their_owners_alone_unless_configured(workspace, flags, mode, folder):
    """Whatever rights the user gives to new files otherwise."""
    workspace.own_pipelines()
    workspace.edit("checks.yaml", "checks for ${table} [daily]:", "checks for ${table} [daily]:\n  - change for row_count < 100")
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    assert workspace.run(*flags).code == 0
    workspace.write_day([{"movie_id": 1, "user_id": 1, "rating": 99.0}])
    assert workspace.run(*flags).code == 2
    rights = {p: stat.S_IMODE(p.stat().st_mode) for p in (workspace.warehouse / "_runs").rglob("*")}
    rights |= {p: stat.S_IMODE(p.stat().st_mode) for p in (workspace.warehouse / "_checks").rglob("*")}
    assert any(p.suffix == ".parquet" for p in rights) and any(p.name == "history.jsonl" for p in rights), rights
    rights |= {p: stat.S_IMODE(p.stat().st_mode) for p in (workspace.warehouse / "_runs", workspace.warehouse / "_checks")}
    for path, right in rights.items():
        assert right == (folder if path.is_dir() else mode), path


def test_a_result_is_written_through_no_link_and_a_killed_one_leaves_no_guessable_name(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    checks = workspace.root / "c.yml"
    checks.write_text("checks for r:\n  - row_count > 0\n")
    victim = workspace.root / "victim"
    victim.write_text("keep")
    result = workspace.root / "results.json"
    result.symlink_to(victim)
    done = workspace.call([str(BINARY), "check", str(checks), "--dataset", f"r={workspace.day_folder()}", "-srf", str(result)])
    assert done.code == 0, done.err
    assert victim.read_text() == "keep" and not result.is_symlink() and json.loads(result.read_text())
