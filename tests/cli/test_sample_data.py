"""The days that ship: small, made by the generator, and good enough to pass the checks."""

import hashlib

import duckdb
from conftest import BINARY, ROOT

SHIPPED = ROOT / "data-lake-raw-dev/movie_ratings"


def test_the_shipped_days_are_small_and_pass(workspace):
    assert sum(f.stat().st_size for f in SHIPPED.rglob("*.parquet")) <= 300_000
    workspace.config.write_text(workspace.config.read_text().replace("location: raw", f"location: {SHIPPED}"))
    for day in ("2021-01-01", "2021-01-02"):
        report = workspace.published(day=day)
        assert report["checks"]["summary"]["passed"] == 7
        assert report["duplicates_dropped"] == 250 and report["written"]["rows"] == 4750


def generate(workspace, name, *more):
    out = workspace.root / name
    done = workspace.call(
        [str(BINARY), "generate", "--rows", "20000", "--days", "2021-03-01..2021-03-02", "--seed", "7", "--output", str(out), *more]
    )
    assert done.code == 0, done.err
    return out


def content(folder):
    rows = duckdb.sql(f"SELECT * FROM read_parquet('{folder}/**/*.parquet', filename = true, hive_partitioning = false) ORDER BY ALL").fetchall()
    return hashlib.sha256(repr([row[:-1] for row in rows]).encode()).hexdigest()


def test_the_same_seed_makes_the_same_days(workspace):
    assert content(generate(workspace, "a")) == content(generate(workspace, "b"))


def test_faults_that_were_asked_for_fail_their_checks(workspace):
    raw = generate(workspace, "faulty", "--with-bad-ratings", "3", "--with-negative-budgets", "2")
    workspace.config.write_text(workspace.config.read_text().replace("location: raw", f"location: {raw}"))
    report = workspace.run("--output", "json", day="2021-03-01").json["runs"][0]
    assert report["exit_code"] == 2
    values = {c["metric"] + ":" + (c.get("column") or ""): c["value"] for c in report["checks"]["checks"]}
    assert values["invalid_count:rating"] == 3 and values["invalid_count:budget"] == 2


def test_a_day_that_exists_is_not_overwritten(workspace):
    out = generate(workspace, "a")
    again = workspace.call([str(BINARY), "generate", "--rows", "10", "--days", "2021-03-01", "--output", str(out)])
    assert again.code == 64 and "2021/03/01" in again.err
