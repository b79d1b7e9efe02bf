"""transform.sql: variables, what may stand behind the SELECT, and that it reaches nothing but the day."""

import pytest
from inputs import pipeline, refused, write

COLUMNS = {"id": "bigint", "v": "string"}


def run(workspace, select, *flags):
    pipeline(workspace, COLUMNS, COLUMNS, select)
    write(workspace, {"id": [1], "v": ["x"]})
    return workspace.run("--pipeline", "p", *flags)


def test_variables_are_filled_in_everywhere(workspace):
    done = run(workspace, "-- of ${env}\nSELECT id, '${run_date} ' || 'ab${ env }' || \" of ${run_id}\" AS v FROM (SELECT id, '-' AS \" of ${run_id}\" FROM source)")
    assert done.code == 0, done.err
    assert workspace.rows("v") == [("2021-01-01 abdevelopment-",)]


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("SELECT id,\n  '${rundate}' AS v FROM source", "transform.sql:2:4: unknown variable 'rundate'. Did you mean 'run_date'?"),
        ("SELECT id, '${}' AS v FROM source", "transform.sql:1:13: unknown variable ''."),
        ("SELECT id, '${run_date' AS v FROM source", "transform.sql:1:13: '${' without a closing '}'"),
        ("SELECT id, v FROM source;\nDELETE FROM source", "transform.sql:2:1: a second statement begins here"),
        ("SELECT id, v FROM source /* ; */ ; ; SELECT 1", "transform.sql:1:38: a second statement begins here"),
        ("-- nothing\n;", "transform.sql: holds no statement"),
        ("SELECT id, v FROM source\n\x00 WHERE false", "transform.sql:2:1: a byte that is no text"),
    ],
)
def test_a_transform_that_cannot_be_meant_is_refused_with_its_place(workspace, select, said):
    refused(run(workspace, select), 78, said)


@pytest.mark.parametrize("end", [";", "; -- done", ";\n-- done\n/* and /* inside */ ; */\n", " -- ; done", ";;\n", "\n/* ; */", " -- it's"])
def test_semicolons_and_comments_may_end_it(workspace, end):
    done = run(workspace, "SELECT id, ';--' || $$ ; -- $$ || v || '''' AS v FROM source" + end)
    assert done.code == 0, done.err
    assert workspace.rows("v") == [(";-- ; -- x'",)]


def test_lines_of_an_error_are_those_of_the_file(workspace):
    refused(run(workspace, "\n\n-- two empty lines\nSELECT id, vv AS v FROM source"), 78, "LINE 4")


def test_an_environment_that_is_no_plain_word_cannot_stand_in_it(workspace):
    pipeline(workspace, COLUMNS, COLUMNS, "SELECT id, '${env}' AS v FROM source")
    write(workspace, {"id": [1], "v": ["x"]})
    workspace.config.write_text(workspace.config.read_text().replace("development:", "\"it's\":"))
    refused(workspace.run("--pipeline", "p", "--env", "it's"), 78, "transform.sql:1:13: the value of 'env' cannot stand in SQL: it's")


@pytest.mark.parametrize(
    "reach",
    [
        "read_text('/etc/hostname')",
        "read_blob('/proc/self/environ')",
        "read_csv('{root}/app_config.yaml')",
        "read_parquet('{root}/other.parquet')",
        "'{root}/other.parquet'",
        "'{root}/raw/../other.parquet'",
        "glob('/etc/*')",
        "read_text('{root}/link')",
        "read_text('http://127.0.0.1:9/x')",
    ],
)
def test_it_reads_nothing_but_the_day(workspace, reach):
    write(workspace, {"id": [7], "v": ["secret"]}, "other.parquet").rename(workspace.root / "other.parquet")
    (workspace.root / "link").symlink_to(workspace.config)
    reach = reach.format(root=workspace.root)
    done = run(workspace, f"SELECT id, (SELECT count(*)::VARCHAR FROM {reach}) AS v FROM source")
    refused(done, 78, "transform.sql: ", "disabled by configuration")
    assert not workspace.table.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO '{root}/out.csv'",
        "ATTACH '{root}/x.db'",
        "PRAGMA database_list",
        "SET memory_limit = '1TB'",
        "INSERT INTO source SELECT 1, 'x'",
        "WITH a AS (SELECT 1) INSERT INTO source SELECT 1, 'x'",
        "CREATE TABLE x AS SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "SELECT id, v FROM source) COPY (SELECT 1",
        "SELECT id, v FROM (SELECT 1) AS a) AS b, (SELECT id, v FROM source",
    ],
)
def test_it_is_one_select(workspace, statement):
    done = run(workspace, statement.format(root=workspace.root))
    refused(done, 78, "transform.sql")
    assert sorted(path.name for path in workspace.root.iterdir()) == ["app_config.yaml", "pipelines", "raw", "warehouse"]


def test_a_transform_that_cannot_be_read_is_no_missing_day(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.own_pipelines()
    (workspace.pipelines / "movie_ratings/transform.sql").unlink()
    refused(workspace.run(), 78, "pipeline.yaml:", "transform.sql, which does not exist")
