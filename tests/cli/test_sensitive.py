"""checks.sensitive_columns: what the checks are about is judged, and no value of such a column is shown or kept anywhere."""

import json

import deltalake
import duckdb
import pyarrow
import pytest

ROWS = """
    (1, 'NL', 'hunter2-a', 771177.0, TIMESTAMP '1931-07-07 07:07:07', {'mail': 'hunter2@x.nl', 'zip': '1234'}),
    (2, 'NL', 'hunter2-b', 771178.5, TIMESTAMP '1931-07-08 07:07:07', {'mail': 'hunter2@y.nl', 'zip': '1235'}),
    (3, 'BE', 'hunter2-a', 771179.0, TIMESTAMP '1931-07-09 07:07:07', {'mail': 'hunter2@z.nl', 'zip': '1236'})
"""
SECRETS = ["hunter2", "77117", "771178", "1931-07"]
LISTED = "checks.sensitive_columns=TITLE, pay,born,person.mail"

# What a check would show of a value, in every place that shows or keeps one.
CHECKS = """
checks for t:
  - min(pay) > 1000000
  - max(pay) < 5
  - avg(pay) < 5:
      filter: id = 2
  - percentile(pay, 0.5) < 5
  - freshness(born) < 1d
  - top < 5:
      top expression: MAX(pay)
  - newest < 5:
      newest query: SELECT MAX(pay) AS newest FROM t
  - hidden < 5:
      hidden query: SELECT * FROM (SELECT pay FROM t) AS x(y) ORDER BY y
  - invalid_count(title) = 0:
      valid values: [x]
  - duplicate_count(title) = 0
  - failed rows:
      fail condition: pay > 5
  - missing_count(person.mail) = 3
  - group by:
      name: direct
      query: SELECT title, COUNT(*) AS n FROM t GROUP BY title
      fields: [title]
      checks:
        - n < 2:
            name: of title
  - group by:
      name: alias
      query: SELECT upper(title) AS country, MAX(pay) AS most FROM t GROUP BY upper(title)
      fields: [country]
      checks:
        - most < 2:
            name: of alias
  - group by:
      name: by place
      query: SELECT x.c, COUNT(*) AS n FROM t AS x(a, b, c, d, e, f) GROUP BY x.c
      fields: [c]
      checks:
        - n < 2:
            name: of place
  - group by:
      name: struct
      query: SELECT person, COUNT(*) AS n FROM t GROUP BY person
      fields: [person]
      checks:
        - n < 1:
            name: of person
  - group evolution:
      name: evolution
      query: SELECT DISTINCT title FROM t
      fail:
        when required group missing: [hunter3]
        when forbidden group present: ['hunt%']
  - distribution_difference(title) > 0.05:
      distribution reference file: titles.yml
profile columns:
  columns: [t.%]
sample datasets:
  datasets: [t]
"""
ERRORS = """
checks for t:
  - min(title) > 4
  - sum(number_in_text) > 4:
      number_in_text expression: SUM(CAST(title AS INT))
  - text > 4:
      text query: SELECT title FROM t
  - avg(title) > 4:
      valid format: decimal
  - failed rows:
      fail condition: CAST(title AS INT) > 3
  - row_count > 0:
      filter: CAST(title AS INT) > 3
  - group by:
      name: g
      query: SELECT city, MAX(title) AS n FROM t GROUP BY city
      fields: [city]
      checks:
        - n < 2:
            name: of text
"""
REFERENCE = "distribution_type: categorical\ndistribution_reference:\n  weights: [0.5, 0.5]\n  bins: [a, b]\n"


@pytest.fixture
def people(workspace):
    workspace.root.joinpath("titles.yml").write_text(REFERENCE)
    duckdb.execute(f"COPY (SELECT * FROM (VALUES {ROWS}) t(id, city, title, pay, born, person)) TO '{workspace.root}/t.parquet' (FORMAT parquet)")
    return workspace


def check(workspace, text: str, *flags: str, listed: str = LISTED):
    file = workspace.root / "checks.yml"
    file.write_text(text)
    dataset = f"t={workspace.root}/t.parquet"
    settings = ["--set", listed] if listed else []
    return workspace.call([workspace.command()[0], "check", "-c", str(workspace.config), "--dataset", dataset, *settings, *flags, str(file)])


def outcomes(done):
    return [(one["metric"], one["outcome"]) for one in done.json["checks"]]


def require_no_secret(workspace, done):
    """Neither on the screen nor in any file but the data itself."""
    kept = [path for path in workspace.root.rglob("*") if path.is_file() and path.name not in ("t.parquet", "checks.yml")]
    assert any(path.name == "results.json" for path in kept)
    for place, text in [("stdout", done.out), ("stderr", done.err), *((str(path), path.read_bytes().decode("latin1")) for path in kept)]:
        for secret in SECRETS:
            assert secret not in text, f"{secret} in {place}: {text}"


@pytest.mark.parametrize("form", ["text", "soda", "json", "junit", "github", "markdown"])
def test_values_are_judged_and_stand_nowhere(people, form):
    done = check(people, CHECKS, "--format", form, "--log-level", "debug", "-srf", str(people.root / "results.json"))
    assert done.code == 3, done.out + done.err
    require_no_secret(people, done)


def test_the_outcomes_are_those_of_shown_values(people):
    hidden = check(people, CHECKS, "--format", "json")
    shown = check(people, CHECKS, "--format", "json", listed="")
    assert "hunter2" in shown.out and "771177" in shown.out
    assert outcomes(hidden) == outcomes(shown)
    assert [one["value"] for one in hidden.json["checks"] if one["metric"] == "invalid_count"] == [3], "a count is not a value"
    assert [one["value"] for one in hidden.json["checks"] if one["metric"] == "max"] == ["(hidden)"]
    profile = {one["column"]: one for one in hidden.json["survey"]["profiles"][0]["columns"]}
    assert set(profile["pay"]) == {"column", "type", "distinct", "missing_count", "frequent"} and profile["pay"]["frequent"] == []
    assert "avg" in profile["id"]


@pytest.mark.parametrize("compat", [[], ["--compat"]])
def test_no_error_quotes_a_value(people, compat):
    done = check(people, ERRORS, *compat, "-srf", str(people.root / "results.json"))
    assert done.code == 3, done.out
    require_no_secret(people, done)
    assert "min(title) is '(hidden)', which is not a number" in done.out
    assert "the query fails on the data; what the engine says could show a value" in done.out
    wrong = check(people, "checks for t:\n  - failed rows:\n      fail condition: titel = 1\n", *compat)
    assert "titel" in wrong.out and "kept back" not in wrong.out, "what reads no data is told as it is"


def test_groups_that_are_not_shown_have_numbers_in_the_order_of_their_names(people):
    text = (
        "checks for t:\n  - group by:\n      query: SELECT title, COUNT(*) AS n FROM t GROUP BY title ORDER BY n\n      fields: [title]\n"
        "      checks:\n        - n < 2:\n            name: rows\n"
        "  - group evolution:\n      name: titles\n      query: SELECT DISTINCT title FROM t\n      fail:\n"
        "        when forbidden group present: ['%-b']\n        when required group missing: [hunter3]\n"
    )
    done = check(people, text)
    assert "FAILED  rows [group 1].  n = 2, must be < 2" in done.out and "passed  rows [group 2]\n" in done.out, done.out
    assert "fail_missing_groups [hunter3], fail_forbidden_groups [group 2]" in done.out, "what the file itself names is told"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("SELECT city AS x, COUNT(*) AS n FROM t GROUP BY city", "NL"),
        ("SELECT lower(t.city) AS x, COUNT(DISTINCT title) AS n FROM t WHERE title <> 'x' GROUP BY 1 ORDER BY n DESC LIMIT 5;", "nl"),
        ("SELECT city AS x, MAX(id) * 1 AS n FROM t GROUP BY city HAVING COUNT(*) > 0", "NL"),
        ("SELECT city AS x, COUNT(*) AS n, title FROM t GROUP BY city, title", "NL"),
        ("SELECT title AS x, COUNT(*) AS n FROM t GROUP BY title", None),
        ("SELECT t.title AS x, COUNT(*) AS n FROM t GROUP BY t.title", None),
        ('SELECT "title" AS x, COUNT(*) AS n FROM t GROUP BY "title"', None),
        ("SELECT title AS y, y AS x, COUNT(*) AS n FROM t GROUP BY title", None),
        ("SELECT title AS city, city AS x, COUNT(*) AS n FROM t GROUP BY title, t.city", None),
        ("SELECT CAST(title AS VARCHAR) AS x, COUNT(*) AS n FROM t GROUP BY title", None),
        ("SELECT CASE WHEN city = 'NL' THEN title END AS x, COUNT(*) AS n FROM t GROUP BY 1", None),
        ("SELECT person.mail AS x, COUNT(*) AS n FROM t GROUP BY person.mail", None),
        ("SELECT * FROM (SELECT title AS x, COUNT(*) AS n FROM t GROUP BY title) AS u", None),
        ("SELECT y.x, COUNT(*) AS n FROM t AS y(a, b, x, d, e, f) GROUP BY y.x", None),
        ("SELECT CAST(t AS VARCHAR) AS x, COUNT(*) AS n FROM t GROUP BY 1", None),
        ("WITH u(a, b, x, d, e, f) AS (SELECT * FROM t) SELECT x, COUNT(*) AS n FROM u GROUP BY x", None),
        ("SELECT city AS x, 1 AS n FROM t UNION SELECT title, 2 FROM t", None),
        ("SELECT b.x, b.n FROM t AS a, (SELECT title AS x, 1 AS n FROM t) AS b", None),
    ],
)
def test_only_queries_that_are_plainly_harmless_name_their_groups(people, query, name):
    body = {"query": query, "fields": ["x"], "checks": [{"n > 0": {"name": "rows"}}]}
    done = check(people, json.dumps({"checks for t": [{"group by": body}]}), "-srf", str(people.root / "results.json"))
    require_no_secret(people, done)
    assert f"rows [{name or 'group 1'}]" in done.out, done.out + done.err


def test_the_history_holds_no_value(people):
    allowed = "  - change for row_count = 0\n  - change for missing_count(title) = 0\n  - group evolution:\n      name: cities\n      query: SELECT DISTINCT city FROM t\n      fail:\n        when groups change: any\n"
    refused = [
        "  - change for max(pay) = 0\n",
        "  - anomaly detection for avg(pay)\n",
        "  - change for top = 0:\n      top expression: MAX(pay)\n",
        "  - group evolution:\n      query: SELECT DISTINCT title FROM t\n      warn:\n        when groups change: any\n",
        "  - group evolution:\n      query: SELECT DISTINCT title AS city FROM t\n      warn:\n        when groups change: any\n",
    ]
    done = check(people, "checks for t:\n" + allowed + "".join(refused), "-srf", str(people.root / "results.json"))
    assert done.code == 3 and done.out.count("ERROR  ") == len(refused), done.out
    require_no_secret(people, done)
    records = (people.warehouse / "_checks/history.jsonl").read_text().splitlines()
    assert len(records) == 3 and '"groups":["BE","NL"]' in "".join(records).replace('["NL","BE"]', '["BE","NL"]')


def test_the_gate_and_its_record_show_no_value(workspace):
    workspace.own_pipelines()
    workspace.write_day([{"movie_id": n, "user_id": n, "original_title": f"hunter2-{n}", "budget": 771177 + n} for n in range(3)])
    (workspace.pipelines / "movie_ratings/checks.yaml").write_text(
        "checks for ${table}:\n  - group by:\n      query: SELECT original_title, MAX(movie_id) AS n FROM ${table} GROUP BY original_title\n"
        "      fields: [original_title]\n      checks:\n        - n < 2:\n            name: films\n  - max(movie_id) < 1\n"
        "  - invalid_count(rating) = 0:\n      valid max: 0\n"
    )
    done = workspace.run("--set", "checks.sensitive_columns=original_title,budget", "--output", "json", "--log-level", "debug")
    assert done.code == 2, done.err
    names = [one["name"] for one in done.json["runs"][0]["checks"]["checks"]]
    assert sorted(names[1:4]) == ["films [group 1]", "films [group 2]", "films [group 3]"]
    records = [path for path in workspace.warehouse.rglob("*") if path.is_file()]
    assert any("samples" in str(path) for path in records)
    for text in [done.out, done.err, *(path.read_bytes().decode("latin1") for path in records)]:
        assert "hunter2" not in text and "77117" not in text


def test_a_name_that_no_column_has_is_an_error(workspace):
    """A mistyped name hides nothing, and nobody would see that."""
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    setting = ("--set", "checks.sensitive_columns=orignal_title, BUDGET")
    done = workspace.run(*setting)
    assert done.code == 78 and "'orignal_title'. Did you mean 'original_title'?" in done.err and "BUDGET" not in done.err
    assert not workspace.table.exists()
    for name in ("validate", "config check"):
        done = workspace.call([workspace.command()[0], *name.split(), "--config-file-path", str(workspace.config), *setting])
        assert done.code == 78 and "orignal_title" in done.out + done.err, name
        fine = workspace.call([workspace.command()[0], *name.split(), "--config-file-path", str(workspace.config), "--set", "checks.sensitive_columns=adult,genres.name,name"])
        assert fine.code == 0 and "3 columns" in fine.out, fine.out + fine.err


@pytest.mark.parametrize("words", ["show", "diff 0..1", "check", "plan 2021-01-01", "backfill 2021-01-01", "restore --version 0", "test movie_ratings --from-day 2021-01-01"])
def test_no_command_that_shows_or_keeps_values_takes_such_a_name(workspace, words):
    workspace.own_pipelines()
    workspace.write_day([{"movie_id": 1, "user_id": 1, "original_title": "hunter2"}])
    assert workspace.run().code == 0
    tests = sorted((workspace.pipelines / "movie_ratings/tests").iterdir())
    command = [workspace.command()[0], *words.split(), "--config-file-path", str(workspace.config), "--set"]
    done = workspace.call([*command, "checks.sensitive_columns=orignal_title"])
    assert done.code == 78 and "'orignal_title'. Did you mean 'original_title'?" in done.err, done.out + done.err
    assert "hunter2" not in done.out + done.err
    assert workspace.delta().version() == 1 and sorted((workspace.pipelines / "movie_ratings/tests").iterdir()) == tests


def test_show_sensitive_needs_no_right_name(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    assert workspace.run().code == 0
    done = workspace.call([workspace.command()[0], "show", "--show-sensitive", "--config-file-path", str(workspace.config), "--set", "checks.sensitive_columns=orignal_title"])
    assert done.code == 0, done.err


def test_a_column_of_a_dataset_that_the_command_line_gives_is_known(people):
    assert check(people, "checks for t:\n  - row_count = 3\n").code == 0
    done = check(people, "checks for t:\n  - row_count = 3\n", listed="checks.sensitive_columns=titl")
    assert done.code == 78 and "'titl'. Did you mean 'title'?" in done.err, done.err


def test_a_column_of_a_table_that_no_pipeline_makes_is_known(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    deltalake.write_deltalake(str(workspace.warehouse / "people"), pyarrow.table({"mail": ["a@b"]}))
    assert workspace.run("--set", "checks.sensitive_columns=mail").code == 0
    assert workspace.run("--set", "checks.sensitive_columns=male").code == 78
