"""The same day on DuckDB, Spark and Sail: the same table, the same outcome of every check, the same exit code."""

import os
import shutil
from pathlib import Path

import days
import pytest
from outcome import check_of, on, outcome
from servers import ROOT

HERE = Path(__file__).parent
DAYS = int(os.environ.get("METL_SPARK_DAYS", 6))  # seeded days; a longer hunt takes more


@pytest.fixture(params=["server", "sail"])
def remote(request) -> str:
    return request.getfixturevalue(request.param).url


def sees(workspace, checks: str, gate: str = "after_publish") -> None:
    """A pipeline with these checks, which publishes before them, so that the table can be compared whatever they say."""
    folder = workspace.own_pipelines()
    (folder / "checks.yaml").write_text(checks)
    workspace.edit("pipeline.yaml", "gate: before_publish", f"gate: {gate}")


def same(workspace, url: str, day: str = "2021-01-01", error: str = "", flags: tuple[str, ...] = ()) -> dict:
    """Runs the day on both; their common outcome. Errors are worded by the engines: both must hold `error`."""
    duckdb = outcome(workspace, "by-duckdb", *flags, day=day)
    spark = outcome(workspace, "by-spark", *on(url, *flags), day=day)
    errors = duckdb.pop("error"), spark.pop("error")
    if spark["dropped"] is None:  # its plan does not tell whether each row gives at most one
        duckdb["dropped"] = None
    assert spark == duckdb, errors
    assert all(error in text for text in errors) and all(map(bool, errors)) == bool(error), errors
    return duckdb


@pytest.mark.parametrize("day", ["2021-01-01", "2021-01-02"])
def test_the_sample_days(workspace, remote, left_alone, day):
    workspace.config.write_text(workspace.config.read_text().replace("location: raw", f"location: {ROOT}/data-lake-raw-dev/movie_ratings"))
    seen = same(workspace, remote, day)
    assert seen["code"] == 0 and seen["table"]["rows"] == 4750 and len(seen["checks"]) == 7


def test_the_originals_development_day(workspace, remote, shared, left_alone):
    workspace.config.write_text(workspace.config.read_text().replace("location: raw", f"location: {shared}/data/raw"))
    seen = same(workspace, remote)
    assert (seen["code"], seen["read"], seen["duplicates"], seen["table"]["rows"]) == (0, 44678, 5, 44673)


@pytest.mark.parametrize("seed", range(DAYS))
def test_seeded_days_and_every_kind_of_check(workspace, remote, left_alone, seed):
    days.write_seeded_day(workspace, seed)
    sees(workspace, (HERE / "all_metrics.yaml").read_text())
    seen = same(workspace, remote)
    assert seen["code"] == 2 and seen["duplicates"] > 1000 and seen["table"]["rows"] > 500
    outcomes = [kind for _, kind, _ in seen["checks"]]
    assert len(outcomes) > 65 and {"pass", "warn", "fail", "not_evaluated"} <= set(outcomes)


def test_a_server_of_other_defaults(workspace, cluster, server):
    """ANSI mode, time zone and case of names are the run's, not the server's: `server` and `cluster` differ in all of them."""
    days.write_seeded_day(workspace, 99)
    sees(workspace, (HERE / "all_metrics.yaml").read_text())
    assert same(workspace, server.url) == same(workspace, cluster.server.url)
    cluster.server.assert_left_alone()


def test_upper_and_lower_case(workspace, remote, left_alone):
    """Every letter that has a case, those that become several among them, and the sigma that ends a word."""
    letters = [letter for letter in map(chr, range(0x110000)) if letter.upper() != letter or letter.lower() != letter]
    words = ["ΟΔΟΣ", "ΟΔΟΣ ΣΑΣ", "Σ", "ΑΣ\u0301", "ΑΣ1", "straße", "İI", "I\u0307"]
    days.write_rows(workspace, [{"movie_id": n, "user_id": 1, "original_title": text, "original_language": text} for n, text in enumerate(letters + words)])
    sees(workspace, "checks for ${table}:\n  - failed rows:\n      fail condition: upper(original_title) = 'STRASSE'\n")
    workspace.edit("transform.sql", "  original_title,", "  lower(original_title) AS original_title,")
    seen = same(workspace, remote)
    assert seen["table"]["rows"] == len(letters) + len(words) > 2800
    assert [(kind, value) for _, kind, value in seen["checks"]] == [("fail", 1)]


def test_two_days_and_a_second_run(workspace, remote):
    """A run replaces its own partition, also what the other engine wrote."""
    for day, seed in (("2021-01-01", 1), ("2021-01-02", 2)):
        days.write_seeded_day(workspace, seed, 300, day)
    sees(workspace, "checks for ${table}:\n  - row_count > 0\n")
    same(workspace, remote, "2021-01-01")
    both = same(workspace, remote, "2021-01-02")
    crossed = outcome(workspace, "by-duckdb", *on(remote), day="2021-01-01"), outcome(workspace, "by-spark", day="2021-01-01")
    assert crossed[0]["table"] == crossed[1]["table"] == both["table"]


def test_other_types(workspace, remote, left_alone):
    """Types that the shipped pipeline lacks, through an aggregate: it needs the day whole, not row by row."""
    workspace.add_pipeline(
        "by_movie",
        source="{movie_id: bigint, user_id: bigint, rating: float, original_title: string}",
        target="{movie_id: bigint, mean: double, least: 'decimal(10,2)', n: int, few: smallint, first_day: date, seen: timestamp, day: string}",
        select=(
            "SELECT movie_id, avg(rating) AS mean, min(CAST(user_id AS decimal(10,2))) AS least, CAST(count(*) AS int) AS n, 7 AS few,\n"
            "  CAST('2021-01-01' AS date) AS first_day, CAST('2021-01-01 23:59:59.123456' AS timestamp) AS seen\n"
            "FROM source WHERE rating > 1 -- a comment\nGROUP BY movie_id"
        ),
        checks="row_count > 0; freshness(seen) < 100000d; freshness(first_day) < 100000d; min(least) >= 0; duplicate_count(first_day) = 1; "
        "max(mean) < 5; sum(few) = 49; invalid_count(n) = 0:\n      valid max: 30; missing_count(least) = 0",
    )
    workspace.write_day([{"movie_id": n % 7, "user_id": n, "rating": n % 6 / 2.0} for n in range(60)])
    seen = same(workspace, remote, flags=("--pipeline", "by_movie"))
    assert seen["code"] == 0 and seen["table"]["rows"] == 7


def no_folder(workspace):
    workspace.day_folder().parent.mkdir(parents=True)


def no_file(workspace):
    workspace.day_folder().mkdir(parents=True)
    (workspace.day_folder() / "_SUCCESS").touch()


def no_row(workspace):
    workspace.write_day([])


def no_parquet(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    (workspace.day_folder() / "part-00001.parquet").write_text("no parquet at all, but long enough to be looked at")


def cut_short(workspace):
    path = workspace.write_day([{"movie_id": i, "user_id": i} for i in range(1000)])
    shutil.copy(path, path.with_name("part-00001.parquet"))
    os.truncate(path, path.stat().st_size // 2)


def no_column(workspace):
    workspace.write_sql("SELECT 1::BIGINT AS movie_id, 1::BIGINT AS user_idd")


def other_type(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.own_pipelines()
    workspace.edit("pipeline.yaml", "    movie_id: bigint\n", "    movie_id: string\n")


def bad_rating(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}, {"movie_id": 2, "user_id": 1, "rating": 7.5}])


def bad_check(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.own_pipelines()
    workspace.edit("checks.yaml", "missing_count(timestamp)", "missing_count(timestampp)")


def more_columns(workspace, another="'y'"):
    """Files of a day may differ in columns that the pipeline does not declare, and in the order of those that it does."""
    columns = "1::BIGINT AS user_id, 4::FLOAT AS rating, 5::BIGINT AS timestamp, 'T' AS original_title, 'en' AS original_language"
    more = "1::BIGINT AS budget, false AS adult, [{'id': 1::BIGINT, 'name': 'g'}] AS genres"
    workspace.write_sql(f"SELECT 1::BIGINT AS movie_id, {columns}, {more}, 'x' AS extra", name="a.parquet")
    workspace.write_sql(f"SELECT {more}, {columns}, 2::BIGINT AS movie_id, {another} AS extra, 1 AS another", name="b.parquet")


@pytest.mark.parametrize(
    "fault, code, error",
    [
        (no_folder, 66, "does not exist"),
        (no_file, 66, "holds no Parquet files"),
        (no_row, 66, "holds no rows"),
        (no_parquet, 3, "part-00001.parquet: not a readable Parquet file"),
        (cut_short, 3, "part-00000.parquet: not a readable Parquet file"),
        (no_column, 3, "column 'user_id' (bigint) is missing. Did you mean 'user_idd'?"),
        (other_type, 3, "column 'movie_id' has type bigint, expected string"),
        (bad_rating, 2, ""),
        (bad_check, 78, "has no column 'timestampp'"),
        (more_columns, 0, ""),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_faults_of_the_input(workspace, remote, left_alone, fault, code, error):
    fault(workspace)
    assert same(workspace, remote, error=error)["code"] == code


def test_files_whose_other_columns_disagree(workspace, server, left_alone):
    """Even in the type of a column that the pipeline does not declare; Sail wants one schema of all files (docs/spark.md)."""
    more_columns(workspace, "7")
    assert same(workspace, server.url)["code"] == 0


def test_check_alone(workspace, remote, left_alone):
    """`check` on the published table: the same outcomes, values and exit code."""
    days.write_seeded_day(workspace, 7)
    sees(workspace, "checks for ${table}:\n  - row_count > 0\n")
    outcome(workspace, "warehouse")
    command = [
        workspace.command()[0], "check", "-c", str(workspace.config), "--execution-date", "2021-01-01", "--format", "json",
        "--set", "data.curated.table=marts.ratings", str(HERE / "all_metrics.yaml"),
    ]  # fmt: skip
    ours, theirs = workspace.call([*command, "--history", "a"]), workspace.call([*command, "--history", "b", *on(remote)])
    assert ours.out and theirs.out, theirs.err
    assert theirs.code == ours.code == 2 and not ours.json["errors"]
    assert [check_of(c) for c in theirs.json["checks"]] == [check_of(c) for c in ours.json["checks"]]
    assert [e["location"] for e in theirs.json["errors"]] == [e["location"] for e in ours.json["errors"]]
