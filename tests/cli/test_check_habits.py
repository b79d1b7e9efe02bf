"""movies-etl check for who comes from Soda Core: its command line, its SQL, its numbers in texts."""

import json

import duckdb
import pytest
from test_check import check, checked  # noqa: F401, a fixture


@pytest.mark.parametrize(
    "words, error, hint",
    [
        (["scan", "-d", "db", "checks.yml"], "unknown command 'scan'", "`movies-etl check checks.yml --dataset NAME=PATH`"),
        (["check", "-d", "db", "checks.yml"], "unknown flag '-d'", "name each table, as in `movies-etl check checks.yml --dataset"),
        (["check", "-s", "nightly", "checks.yml"], "unknown flag '-s'", "the history of checks is one file"),
        (["check", "-V", "checks.yml"], "unknown flag '-V'", "--log-level debug"),
        (["test-connection"], "unknown command 'test-connection'", "--list checks.yml"),
    ],
)
def test_the_habits_of_soda_get_a_hint(workspace, words, error, hint):
    done = workspace.call([workspace.command()[0], *words])
    assert done.code == 64, done.err
    assert error in done.err and hint in done.err


def test_a_configuration_of_soda_is_known_as_one(workspace):
    file = workspace.root / "configuration.yml"
    file.write_text("data_source db:\n  type: duckdb\n  path: m.duckdb\n")
    (workspace.root / "checks.yml").write_text("checks for t:\n  - row_count > 0\n")
    done = workspace.call([workspace.command()[0], "check", "-c", str(file), str(workspace.root / "checks.yml")])
    assert done.code == 78, done.err
    assert "is a configuration of Soda, not one of movies-etl" in done.err and "--dataset NAME=PATH" in done.err


def numbers(workspace) -> str:
    """A file with the column n, 1 to 3 and once NULL."""
    file = str(workspace.root / "numbers.parquet")
    duckdb.sql(f"COPY (SELECT unnest([1, 2, 3, NULL]) AS n, 'x' AS s) TO '{file}' (FORMAT parquet)")
    return file


def test_threads_and_memory_need_no_configuration(workspace):
    data = numbers(workspace)
    elsewhere = workspace.root / "elsewhere"  # where no app_config.yaml is
    elsewhere.mkdir()
    (elsewhere / "checks.yml").write_text("checks for t:\n  - row_count = 4\n")
    flags = ["--threads", "1", "--memory-limit", "200MB"]
    command = [workspace.command()[0], "check", *flags, "--dataset", f"t={data}", "checks.yml"]
    done = workspace.call(command, cwd=elsewhere)
    assert done.code == 0, done.err
    assert workspace.call([*command, "--set", "engine.threads=1"], cwd=elsewhere).code == 78


def test_compat_asks_duckdb_in_its_own_sql(workspace):
    text = "checks for t:\n  - failed rows:\n      fail condition: concat(s, n) = 'x'\n"
    data = numbers(workspace)
    assert check(workspace, text, "--dataset", f"t={data}", config=False).code == 0
    done = check(workspace, text, "--compat", "--dataset", f"t={data}", config=False)
    assert done.code == 2 and "failing rows = 1" in done.out


# Numbers in texts, whole numbers beyond 2^53, a forbidden expression: what a fixture of its own once hid from the tests.
def test_the_program_itself_measures_numbers_in_texts(workspace):
    file = str(workspace.root / "texts.parquet")
    duckdb.sql(f"COPY (SELECT unnest(['1,5', '2.5', 'n/a']) AS typed, unnest([9007199254740993, 1, 1]) AS n) TO '{file}' (FORMAT parquet)")
    text = (
        "checks for t:\n  - avg(typed) = 2:\n      valid format: decimal\n  - max(n) = 9007199254740993\n  - max(n) != 9007199254740992\n"
        "  - schema:\n      fail:\n        when forbidden column present: ['ty.*d']\n"
    )
    done = check(workspace, text, "--dataset", f"t={file}", "--format", "json", config=False)
    assert [c["outcome"] for c in json.loads(done.out)["checks"]] == ["pass", "pass", "pass", "fail"], done.out + done.err
