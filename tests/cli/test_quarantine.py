"""Bad rows that checks set aside: each row is in the table or in the quarantine, never in both, never in none."""

import json
import random
import signal
import stat
import subprocess
import time

import duckdb
import pytest
from deltalake import DeltaTable
from inputs import pipeline

DAY, NEXT = "2021-01-01", "2021-01-02"
SOURCE = {"id": "bigint", "kind": "string", "amount": "string", "email": "string"}
TARGET = {"id": "bigint", "kind": "string", "amount": "int", "email": "string"}
SELECT = "SELECT id, lower(kind) AS kind, try_cast(amount AS int) AS amount, email\nFROM source -- of a shop\nWHERE id >= 0\n"
CHECKS = """checks for ${table}:
  - missing_count(amount) = 0:
      on_bad_rows: {action: quarantine, max: 50%}
  - invalid_count(kind) = 0:
      valid values: [view, buy]
      on_bad_rows: {action: quarantine, max: 50%}
  - failed rows:
      name: no negative amount
      fail condition: amount < 0
      on_bad_rows: {action: quarantine, max: 50%}
  - row_count >= 0
"""
ROWS = [(1, "VIEW", "10", "a@x"), (2, "hover", "x1", "b@x"), (3, "buy", "-5", "c@x"), (4, "buy", "7", "d@x"), (5, "View", "8", "e@x"), (-1, "buy", "9", "f@x")]


@pytest.fixture
def shop(workspace):
    pipeline(workspace, SOURCE, TARGET, SELECT)
    checks(workspace, CHECKS)
    land(workspace, ROWS)
    return workspace


def checks(workspace, text):
    (workspace.pipelines / "p" / "checks.yaml").write_text(text)


def transform(workspace, text):
    (workspace.pipelines / "p" / "transform.sql").write_text(text)


def land(workspace, rows, day=DAY):
    values = ", ".join(str(row) for row in rows)
    return workspace.write_sql(f"SELECT * FROM (VALUES {values}) t(id, kind, amount, email)", day)


def run(workspace, *flags, day=DAY):
    return workspace.published("--pipeline", "p", *flags, day=day)


def quarantine(workspace, *words, code=0):
    binary = workspace.command()[0]
    done = workspace.call([binary, "quarantine", *words, "--pipeline", "p", "--config-file-path", str(workspace.config)])
    assert done.code == code, done.err
    return done


def folder(workspace):
    return workspace.table.parent / f"{workspace.table.name}__quarantine"


def kept(workspace):
    """All rows of the quarantine, as another reader sees them."""
    if not (folder(workspace) / "_delta_log").exists():
        return []
    rows = DeltaTable(str(folder(workspace))).to_pyarrow_table()  # noqa: F841, read by the query
    return duckdb.sql("SELECT id, kind, amount, email, _checks, _run_id, CAST(run_date AS VARCHAR) FROM rows ORDER BY ALL").fetchall()


def ids(workspace, day=DAY):
    """Which rows of the day are in the table, and which count as quarantined."""
    in_table = [row[0] for row in workspace.rows("id", where=f"run_date = '{day}'")] if (workspace.table / "_delta_log").exists() else []
    shown = json.loads(quarantine(workspace, "show", day, "--rows", "100000", "--output", "json").out)["rows"]
    return in_table, sorted(row["id"] for row in shown)


def test_bad_rows_are_set_aside_as_they_came(shop):
    report = run(shop)
    assert shop.rows("id, kind, amount") == [(1, "view", 10), (4, "buy", 7), (5, "view", 8)]
    assert [row[:5] for row in kept(shop)] == [
        (2, "hover", "x1", "b@x", "missing_count(amount) = 0; invalid_count(kind) = 0"),
        (3, "buy", "-5", "c@x", "no negative amount"),
    ]
    assert {row[5:] for row in kept(shop)} == {(report["run_id"], DAY)}
    # The numbers add up, wherever they are told.
    assert report["source"]["rows"] == 6 and report["dropped_by_transform"] == 1 and report["quarantined"] == 2 and report["written"]["rows"] == 3
    assert json.loads(shop.delta().history(1)[0]["userMetadata"])["quarantined"] == 2
    record = json.loads((shop.warehouse / "_runs" / f"{report['run_id']}.json").read_text())
    assert record["quarantined"] == 2
    shown = json.loads(quarantine(shop, "show", DAY, "--output", "json").out)["rows"]
    assert {row["_source_file"] for row in shown} == {str(shop.day_folder() / "part-00000.parquet")}
    listed = json.loads(quarantine(shop, "list", "--output", "json").out)["quarantined"]
    assert listed == [{"partition": {"run_date": DAY}, "run_id": report["run_id"], "rows": 2, "counts": True}]
    assert shop.leftovers() == []


def test_the_quarantine_is_private_and_hides_sensitive_columns(shop):
    shop.write_config("  checks:\n    sensitive_columns: email\n")
    run(shop)
    assert stat.S_IMODE(folder(shop).stat().st_mode) == 0o700
    files = [path for path in folder(shop).rglob("*.parquet") if "_delta_log" not in path.parts]
    assert files and {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    shown = quarantine(shop, "show", DAY)
    assert "hover" in shown.out and "b@x" not in shown.out and "email" in shown.out.splitlines()[-1]
    assert "b@x" in quarantine(shop, "show", DAY, "--show-sensitive").out
    # It is a part of its table, and no table of the catalog.
    tables = shop.call([shop.command()[0], "tables", "--config-file-path", str(shop.config)])
    assert tables.code == 0 and "movie_ratings_curated" in tables.out and "__quarantine" not in tables.out


def test_too_many_bad_rows_fail_the_gate(shop):
    run(shop)
    before = (shop.rows(), kept(shop))
    checks(shop, CHECKS.replace("50%", "20%"))
    land(shop, [*ROWS, (6, "buy", "no", "g@x")])
    done = shop.run("--pipeline", "p", "--output", "json")
    assert done.code == 2, done.err
    report = done.json["runs"][0]
    failed = {check["definition"] if "definition" in check else check["name"] for check in report["checks"]["checks"] if check["outcome"] == "fail"}
    assert "missing_count(amount) = 0" in failed, failed
    assert "2 of 6 rows are bad (33.33%), and on_bad_rows sets aside 20% at most" in json.dumps(report)
    assert (shop.rows(), kept(shop)) == before
    assert shop.leftovers() == []


def test_above_max_fails_also_where_the_threshold_would_let_it_pass(shop):
    checks(shop, "checks for ${table}:\n  - missing_count(amount) < 100:\n      on_bad_rows: {action: quarantine, max: 1%}\n")
    assert shop.run("--pipeline", "p").code == 2
    assert not (shop.table / "_delta_log").exists() and kept(shop) == []


def test_a_day_that_is_run_again_replaces_its_quarantine(shop):
    run(shop)
    land(shop, ROWS, NEXT)
    run(shop, day=NEXT)
    land(shop, [(2, "view", "1", "b@x"), (9, "jump", "2", "h@x"), (4, "buy", "7", "d@x")])
    run(shop)
    assert ids(shop) == ([2, 4], [9]) and ids(shop, NEXT) == ([1, 4, 5], [2, 3])
    assert sorted(row[0] for row in kept(shop)) == [2, 3, 9]
    # Also by a run that sets nothing aside any more.
    checks(shop, "checks for ${table}:\n  - row_count >= 0\n")
    run(shop)
    assert ids(shop) == ([2, 4, 9], []) and sorted(row[0] for row in kept(shop)) == [2, 3]


def test_replay_takes_out_what_is_good_by_now(shop):
    run(shop)
    (shop.day_folder() / "part-00000.parquet").unlink()  # the raw day may be gone
    assert "nothing replayed" in quarantine(shop, "replay", DAY).out
    assert ids(shop) == ([1, 4, 5], [2, 3])
    transform(shop, SELECT.replace("try_cast(amount AS int)", "abs(try_cast(amount AS int))"))
    assert "dry run" in quarantine(shop, "replay", DAY, "--dry-run").out and ids(shop) == ([1, 4, 5], [2, 3])
    done = json.loads(quarantine(shop, "replay", DAY, "--output", "json").out)
    assert done["source"]["rows"] == 2 and done["quarantined"] == 1 and done["written"]["rows"] == 4
    assert shop.rows("id, kind, amount") == [(1, "view", 10), (3, "buy", 5), (4, "buy", 7), (5, "view", 8)]
    assert [row[:4] for row in kept(shop)] == [(2, "hover", "x1", "b@x")]
    shown = json.loads(quarantine(shop, "show", DAY, "--output", "json").out)["rows"]
    assert shown[0]["_source_file"] == str(shop.day_folder() / "part-00000.parquet"), "where it came from first"
    version = shop.delta().version()
    assert "nothing replayed" in quarantine(shop, "replay", DAY).out and shop.delta().version() == version
    transform(shop, SELECT.replace("lower(kind)", "replace(lower(kind), 'hover', 'view')").replace("try_cast(amount AS int)", "coalesce(try_cast(amount AS int), 0)"))
    quarantine(shop, "replay", DAY)
    assert ids(shop) == ([1, 2, 3, 4, 5], []) and kept(shop) == []
    assert "nothing to replay" in quarantine(shop, "replay", DAY).out
    assert shop.leftovers() == []


def test_replay_that_fails_a_check_changes_nothing(shop):
    checks(shop, CHECKS + "  - max(amount) < 100\n")
    land(shop, [*ROWS, (7, "jump", "500", "i@x")])
    run(shop)
    transform(shop, SELECT.replace("lower(kind)", "replace(lower(kind), 'jump', 'view')"))
    before = (shop.rows(), kept(shop))
    assert "nothing replayed" in quarantine(shop, "replay", DAY, code=2).out
    assert (shop.rows(), kept(shop)) == before and shop.leftovers() == []


WRONG = {
    "join": ("SELECT a.id, a.kind, 1 AS amount, a.email FROM source a JOIN source b ON a.id = b.id", "join"),
    "distinct": ("SELECT DISTINCT id, kind, 1 AS amount, email FROM source", "DISTINCT"),
    "subquery": ("SELECT id, kind, 1 AS amount, email FROM (SELECT * FROM source)", "second SELECT"),
    "aggregate": ("SELECT max(id) AS id, 'view' AS kind, 1 AS amount, 'x' AS email FROM source", "transform.sql"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_transform_that_is_not_row_wise_is_refused(shop, wrong):
    transform(shop, WRONG[wrong][0])
    done = shop.run("--pipeline", "p")
    assert done.code == 78 and WRONG[wrong][1] in done.err and "on_bad_rows" in done.err, done.err
    assert not (shop.table / "_delta_log").exists()


SETTINGS = {
    "{action: drop, max: 1%}": "'drop' is no action for bad rows",
    "{action: quarantine}": "needs 'action: quarantine', and 'max'",
    "{action: quarantine, max: 1}": "'max: 1' is no share",
    "{action: quarantine, max: 101%}": "'max: 101%' is no share",
    "{action: quarantine, most: 1%}": "'most' is no setting of on_bad_rows",
    "quarantine": "'on_bad_rows' is a mapping",
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_wrong_setting_is_refused_with_its_place(shop, setting):
    checks(shop, f"checks for ${{table}}:\n  - missing_count(amount) = 0:\n      on_bad_rows: {setting}\n")
    done = shop.run("--pipeline", "p")
    assert done.code == 78 and SETTINGS[setting] in done.err and "checks.yaml:3:" in done.err, done.err


def test_a_check_that_judges_no_row_is_refused(shop):
    checks(shop, "checks for ${table}:\n  - duplicate_count(id) = 0:\n      on_bad_rows: {action: quarantine, max: 1%}\n")
    done = shop.run("--pipeline", "p")
    assert done.code == 78 and "does not say of each row whether it is bad" in done.err and "checks.yaml:3:" in done.err


def test_what_cannot_be_done_yet_is_refused_by_name(shop):
    definition = shop.pipelines / "p" / "pipeline.yaml"
    good = json.loads(definition.read_text())
    for change, said in {
        ("gate", "after_publish"): "gate: after_publish",
        ("target", "merge"): "only a pipeline whose run replaces its day",
        ("source", "_checks"): "the source has a column '_checks'",
    }.items():
        wrong = json.loads(json.dumps(good))
        if change[0] == "gate":
            wrong["gate"] = change[1]
        elif change[0] == "target":
            wrong["target"].update(mode="merge", key=["id"], order=["id"])
        else:
            wrong["source"]["columns"]["_checks"] = "string"
        definition.write_text(json.dumps(wrong))
        done = shop.run("--pipeline", "p")
        assert done.code == 78 and said in done.err and "on_bad_rows" in done.err, done.err
        validated = shop.call([shop.command()[0], "validate", "p", "--config-file-path", str(shop.config)])
        assert validated.code == 78 and said in validated.out + validated.err
    assert not (shop.table / "_delta_log").exists()


def test_restore_is_refused_and_vacuum_removes_what_counts_no_more(shop):
    run(shop)
    first = shop.delta().version()
    land(shop, [(2, "hover", "1", "b@x"), (1, "view", "1", "a@x")])
    run(shop)
    binary, config = shop.command()[0], ["--pipeline", "p", "--config-file-path", str(shop.config)]
    done = shop.call([binary, "restore", "--day", DAY, "--to-version", str(first), *config])
    assert done.code == 78 and "has a quarantine" in done.err, done.err
    assert ids(shop) == ([1], [2])

    def files():
        return sorted(path.name for path in folder(shop).rglob("*.parquet") if "_delta_log" not in path.parts)

    assert len(files()) == 2
    done = shop.call([binary, "vacuum", "--older-than", "0s", "--force", "a test", "--apply", *config])
    assert done.code == 0 and len(files()) == 1, done.err
    assert ids(shop) == ([1], [2])


def test_rows_of_text_files(shop):
    """The raw file is the one that was delivered, not the Parquet file that was made of it."""
    definition = shop.pipelines / "p" / "pipeline.yaml"
    document = json.loads(definition.read_text())
    document["source"]["format"] = "json"
    definition.write_text(json.dumps(document))
    checks(shop, "checks for ${table}:\n  - missing_count(amount) = 0:\n      on_bad_rows: {action: quarantine, max: 50%}\n")
    for number in (1, 2):
        lines = [json.dumps({"id": 10 * number + i, "kind": "view", "amount": "1" if i else "x", "email": "e"}) for i in range(3)]
        path = shop.day_folder() / f"events-{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
    run(shop)
    shown = json.loads(quarantine(shop, "show", DAY, "--output", "json").out)["rows"]
    assert {row["id"]: row["_source_file"].split("/")[-1] for row in shown} == {10: "events-1.json", 20: "events-2.json"}
    assert ids(shop) == ([11, 12, 21, 22], [10, 20])


def test_a_row_without_its_reference_is_set_aside(shop):
    from deltalake import write_deltalake

    write_deltalake(str(shop.warehouse / "kinds"), duckdb.sql("SELECT 'view' AS name").to_arrow_table())
    checks(shop, "checks for ${table}:\n  - values in (kind) must exist in kinds (name):\n      on_bad_rows: {action: quarantine, max: 80%}\n")
    run(shop)
    assert ids(shop) == ([1, 5], [2, 3, 4])


def test_killed_at_any_moment_a_row_is_in_one_of_both(shop):
    """Runs and replays are killed; whatever moment it was, each row counts once, and the next run leaves no trace of it."""
    seed = random.Random(15)
    everything = list(range(400))
    land(shop, [(i, "view" if i % 3 else "hover", str(i), "a@x") for i in everything])
    good = [i for i in everything if i % 3]
    started = time.monotonic()
    run(shop)
    length = time.monotonic() - started
    states = ((everything, []), (good, [i for i in everything if i % 3 == 0]))
    killed, tried = 0, 0
    while killed < 8:
        tried += 1
        assert tried <= 60, "most must have been killed before their end"
        lenient = tried % 2 == 1
        transform(shop, SELECT.replace("lower(kind)", "replace(lower(kind), 'hover', 'view')") if lenient else SELECT)
        command = shop.command("--pipeline", "p")
        if lenient and tried % 4 == 1:
            command = [command[0], "quarantine", "replay", DAY, "--pipeline", "p", "--config-file-path", str(shop.config)]
        process = subprocess.Popen(command, env=shop.environment(), cwd=shop.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            begun = time.monotonic()
            process.wait(timeout=seed.uniform(0, length))
            length = time.monotonic() - begun
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        killed += process.returncode == -signal.SIGKILL
        assert ids(shop) in states
        run(shop)
        assert ids(shop) == states[0 if lenient else 1]
        assert sorted(row[0] for row in kept(shop)) == states[0 if lenient else 1][1], "what counts no more is gone"
        assert shop.leftovers() == []


# Ends the process by force before it makes the n-th log entry (a hard link) of either table.
FAULT = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <signal.h>
static int seen;
static void count(const char* to, int after) {
  const char* at = getenv("KILL_AT");
  if (!at || !strstr(to, "_delta_log/") || !strstr(to, ".json")) return;
  if (!after) ++seen;
  if (2 * seen - 1 + after == atoi(at)) kill(getpid(), SIGKILL);
}
#define WRAP(result, name, params, args, to)                                  \\
  result name params {                                                        \\
    result(*real) params = dlsym(RTLD_NEXT, #name);                           \\
    count(to, 0);                                                             \\
    result out = real args;                                                   \\
    count(to, 1);                                                             \\
    return out;                                                               \\
  }
WRAP(int, link, (const char* a, const char* b), (a, b), b)
WRAP(int, linkat, (int d, const char* a, int e, const char* b, int f), (d, a, e, b, f), b)
WRAP(int, rename, (const char* a, const char* b), (a, b), b)
WRAP(int, renameat, (int d, const char* a, int e, const char* b), (d, a, e, b), b)
WRAP(int, renameat2, (int d, const char* a, int e, const char* b, unsigned f), (d, a, e, b, f), b)
"""


@pytest.mark.parametrize("command", ["run", "replay"])
def test_killed_before_and_after_each_commit(shop, command):
    """The commits of both tables, and the one that removes what counts no more: killed on either side of each."""
    from preload import compiled

    library = compiled(shop.root, FAULT, "a run that is killed beside its commits was not tested")
    run(shop)
    before, after = ([1, 4, 5], [2, 3]), ([1, 3, 4, 5], [2])
    better = SELECT.replace("try_cast(amount AS int)", "abs(try_cast(amount AS int))")
    seen = set()
    for moment in range(1, 13):
        transform(shop, SELECT)
        run(shop)
        assert ids(shop) == before
        transform(shop, better)
        words = shop.command("--pipeline", "p")
        if command == "replay":
            words = [words[0], "quarantine", "replay", DAY, "--pipeline", "p", "--config-file-path", str(shop.config)]
        done = shop.call(words, env={"LD_PRELOAD": str(library), "KILL_AT": str(moment)})
        assert done.code in (0, -signal.SIGKILL), done.err
        assert ids(shop) in (before, after)
        seen.add((done.code, ids(shop) == after))
        if done.code == 0:
            break
    assert done.code == 0, "there are not so many commits"
    assert {(-signal.SIGKILL, False), (-signal.SIGKILL, True)} <= seen, "killed before and after the table's commit"
    assert ids(shop) == after and shop.leftovers() == [] and [row[0] for row in kept(shop)] == [2]
