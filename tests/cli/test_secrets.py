"""What must not leave the process, and what is refused before it is sent; a gate is not bypassed by a slip in its file."""

import pytest


@pytest.fixture
def day(workspace):
    workspace.write_day([{"movie_id": i, "user_id": i} for i in range(10)])
    return workspace


def test_a_location_from_the_secrets_file_stands_nowhere(day):
    hidden = day.root / "hunter2-lake"
    (day.root / ".secrets.yaml").write_text(f"dynaconf_merge: true\ndevelopment: {{data: {{curated: {{location: {hidden}}}}}}}\n")
    done = day.run("--log-level", "debug")
    assert done.code == 0, done.err
    records = [path.read_text() for path in hidden.rglob("_runs/*.json")]
    log = [path.read_text() for path in hidden.rglob("_delta_log/*.json")]
    assert records and log
    for text in [done.out, done.err, *records, *log]:
        assert "hunter2" not in text
    assert "hunter2" not in day.run("--output", "json").out
    failed = day.run(day="2021-01-09")
    assert failed.code == 66 and "hunter2" not in failed.err


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("data.raw.location", "https://ada:hun/ter2@host/x"),
        ("data.raw.location", "s4://ada:hun@ter2@bucket"),
        ("data.raw.location", "https://a.blob.core.windows.net/c?sv=1&sig=hunter2"),
        ("engine.spark.remote", "sc://ada:hunter2@host:15002"),
        ("engine.spark.remote", "sc://host/;use_ssl=true;x-auth=hunter2;nosuch=1"),
        ("storage.s3.endpoint", "ada:hunter2@host:9000"),
    ],
)
def test_secrets_in_what_is_refused(day, key, value):
    extra = ["--engine", "spark"] if key.startswith("engine") else []
    done = day.run("--set", f"{key}={value}", *extra)
    assert done.code == 78, done.err
    assert "ter2" not in done.err + done.out


def test_keys_that_cannot_be_sent_are_refused_by_name(day):
    env = {"AWS_ACCESS_KEY_ID": "hunter2\r", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}
    done = day.run("--set", "data.raw.location=s3://bucket/raw", env=env)
    assert done.code == 78 and "AWS_ACCESS_KEY_ID ends in a line break" in done.err and "hunter2" not in done.err
    done = day.run("--set", "data.raw.location=s3://bucket/raw", env={"AWS_ENDPOINT_URL": "http://[::1"})
    assert done.code == 78 and "AWS_ENDPOINT_URL" in done.err


@pytest.mark.parametrize("quote", ['"', "'"])
def test_an_unclosed_quote_in_checks_publishes_nothing(day, quote):
    day.own_pipelines()
    checks = day.pipelines / "movie_ratings/checks.yaml"
    checks.write_text(f"checks for ${{table}}:\n  - row_count > 0:\n      name: {quote}rows\n  - row_count > 1000000\n")
    done = day.run()
    assert done.code == 78, done.err
    assert f"{checks}:3:13: not valid YAML: the quote that opens here is never closed" in done.err
    assert not day.table.exists()


OWN_QUERIES = {
    "aliased": "SELECT movie_id, original_title AS harmless FROM ${table}",
    "star": "SELECT * FROM ${table}",
    "by position": "SELECT x.e FROM ${table} AS x(a, b, c, d, e)",
    "in a CTE": "WITH x(a, b, c, d, e) AS (SELECT * FROM ${table}) SELECT e FROM x",
    "whole row": "SELECT x AS one FROM ${table} AS x",
    "under a union": "SELECT title FROM (SELECT 'x' AS title UNION ALL SELECT CAST(x AS VARCHAR) FROM ${table} AS x) AS u",
}


def test_no_query_shows_a_sensitive_column(day):
    day.own_pipelines()
    lines = [f"  - failed rows:\n      name: {name}\n      fail query: {query}\n" for name, query in OWN_QUERIES.items()]
    generated = "  - invalid_count(rating) = 0:\n      name: generated\n      valid max: 0\n"
    (day.pipelines / "movie_ratings/checks.yaml").write_text("checks for ${table}:\n" + "".join(lines) + generated)
    done = day.run("--set", "checks.sensitive_columns=original_title", "--output", "json")
    assert done.code == 2, done.err
    checks = {check["name"]: check["outcome"] for check in done.json["runs"][0]["checks"]["checks"]}
    assert checks == dict.fromkeys([*OWN_QUERIES, "generated"], "fail"), "each is judged all the same"
    for name in OWN_QUERIES:
        assert f"no sample of the rows that failed '{name}': its own query could show" in done.err
    assert "Title" not in done.out + done.err
    samples = list(day.warehouse.rglob("*samples/*.parquet"))
    assert len(samples) == 1, "of the check that is not a query"
    assert b"Title" not in samples[0].read_bytes()
