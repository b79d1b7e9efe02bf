"""What a transform reads beside the day: tables of the catalog and files, by name; and the pipeline's own variables."""

import json
import os
import signal

import pytest
from inputs import pipeline, refused, write, write_text

COUNTRIES = {"path": "ref/countries.csv", "format": "csv", "columns": {"code": "string", "country": "string"}}
JOIN = "SELECT s.k, s.code, c.country FROM source s LEFT JOIN countries c USING (code)"
TARGET = {"k": "bigint", "code": "string", "country": "string"}


def joined(workspace, inputs=None, select=JOIN, target=None, **more):
    pipeline(workspace, {"k": "bigint", "code": "string"}, target or TARGET, select, more={"inputs": inputs or {"countries": COUNTRIES}, **more})
    reference = workspace.pipelines / "p" / "ref"
    reference.mkdir()
    (reference / "countries.csv").write_text("code,country\nDE,Germany\nFR,France\n")
    write(workspace, {"k": [1, 2, 3], "code": ["DE", "FR", "XX"]})
    return reference


def test_a_file_beside_the_pipeline(workspace):
    joined(workspace)
    report = workspace.published("--pipeline", "p")
    assert workspace.rows("k, country", order="k") == [(1, "Germany"), (2, "France"), (3, None)]
    assert workspace.leftovers() == []
    entry = workspace.delta().history(1)[0]
    assert json.loads(entry["userMetadata"])["inputs"]["countries"]["files"] == 1, (entry, report)


@pytest.mark.parametrize("form", ["parquet", "json"])
def test_a_folder_of_files(workspace, form):
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    reference = joined(workspace, {"countries": {"path": "ref/all", "format": form, "columns": COUNTRIES["columns"]}})
    (reference / "all").mkdir()
    for number, (code, country) in enumerate([("DE", "Germany"), ("FR", "France")]):
        if form == "json":
            (reference / "all" / f"{number}.ndjson").write_text(json.dumps({"code": code, "country": country}))
        else:
            parquet.write_table(arrow.table({"code": [code], "country": [country], "more": [1]}), reference / "all" / f"{number}.parquet")
    workspace.published("--pipeline", "p")
    assert workspace.rows("k, country", order="k") == [(1, "Germany"), (2, "France"), (3, None)]


def test_a_table_of_the_catalog(workspace):
    """Its newest version, of every partition, and the partition's column too."""
    joined(workspace)
    workspace.published("--pipeline", "p")
    folder = workspace.pipelines / "q"
    folder.mkdir()
    definition = json.loads((workspace.pipelines / "p" / "pipeline.yaml").read_text())
    definition |= {"inputs": {"known": {"table": "default.movie_ratings_curated"}}}
    definition["target"] = {"table": "marts.counted", "partition": "run_date", "columns": {"code": "string", "seen": "bigint", "last": "string", "run_date": "string"}}
    (folder / "pipeline.yaml").write_text(json.dumps(definition))
    (folder / "transform.sql").write_text("SELECT s.code, count(k.k) AS seen, max(k.run_date) AS last FROM source s JOIN known k USING (code) GROUP BY s.code")
    (folder / "checks.yaml").write_text("checks for ${table}:\n  - row_count >= 0\n")
    workspace.table = workspace.warehouse / "marts.db" / "counted"
    workspace.published("--pipeline", "q")
    assert workspace.rows("code, seen, last") == [("DE", 1, "2021-01-01"), ("FR", 1, "2021-01-01"), ("XX", 1, "2021-01-01")]
    told = json.loads(workspace.delta().history(1)[0]["userMetadata"])["inputs"]
    assert told == {"known": {"table": "default.movie_ratings_curated", "version": 1}}


def test_the_dedupe_comes_before_the_join(workspace):
    joined(workspace, dedupe={"key": ["k"], "order": ["code"]})
    write(workspace, {"k": [1, 2], "code": ["AA", "GG"]}, "b.parquet")
    report = workspace.published("--pipeline", "p")
    assert report["duplicates_dropped"] == 2
    assert workspace.rows("k, code", order="k") == [(1, "AA"), (2, "FR"), (3, "XX")]


def test_an_input_that_changes_meanwhile_is_not_published(workspace):
    reference = joined(workspace)
    workspace.write_sql("SELECT i AS k, 'DE' AS code FROM range(3000000) t(i)", name="b.parquet")
    run = workspace.start_staging("--pipeline", "p", "--threads", "1")
    run.send_signal(signal.SIGSTOP)
    before = (reference / "countries.csv").stat()
    (reference / "countries.csv").write_text("code,country\nDE,Deutschl\nFR,France\n")
    os.utime(reference / "countries.csv", ns=(before.st_atime_ns, before.st_mtime_ns))
    run.send_signal(signal.SIGCONT)
    _, err = run.communicate(timeout=120)
    if run.returncode != 0:
        assert run.returncode == 75, err
        assert "inputs.countries: the raw files have changed since this run began" in err and "was replaced" in err, err
    assert run.returncode == 75, "the run was over before the file changed"


@pytest.mark.parametrize(
    ("inputs", "code", "said"),
    [
        ({"countries": {"path": "ref/none.csv", "format": "csv", "columns": {"code": "string", "country": "string"}}}, 78, "there is nothing at "),
        ({"countries": {"table": "default.none"}}, 78, "inputs.countries: there is no table default.none"),
        ({"countries": {"table": "none"}}, 78, "'inputs.countries.table' is 'none', which is not a table's name"),
        ({"countries": {"table": "a.b", "path": "x"}}, 78, "unknown key 'inputs.countries.path'"),
        ({"countries": {"path": "ref/countries.csv", "columns": {}}}, 78, "'inputs.countries.columns' must map columns to types"),
        ({"countries": {"format": "csv", "columns": {"code": "string"}}}, 78, "Key 'inputs.countries.path' not found"),
        ({"source": COUNTRIES}, 78, "'inputs.source': an input cannot have this name"),
        ({"metl_x": COUNTRIES}, 78, "'inputs.metl_x': an input cannot have this name"),
        ({"a b": COUNTRIES}, 78, "'inputs.a b': an input cannot have this name"),
        ({"countries": COUNTRIES, "Countries": COUNTRIES}, 78, "'inputs.Countries': SQL cannot tell it from another input of that name"),
        ({"countries": {**COUNTRIES, "columns": {"code": "string", "country": "bigint"}}}, 3, "record 1: the value of column 'country' is not of type bigint"),
        ({"countries": {**COUNTRIES, "columns": {"code": "string", "land": "string"}}}, 78, 'column named "country"'),
    ],
)
def test_an_input_that_is_wrong(workspace, inputs, code, said):
    joined(workspace, inputs)
    done = refused(workspace.run("--pipeline", "p"), code, said)
    assert "pipeline.yaml" in done.err or "transform.sql" in done.err, done.err
    assert not (workspace.table / "_delta_log").exists()
    assert workspace.leftovers() == []


def test_sql_reads_nothing_but_the_inputs(workspace):
    joined(workspace, select="SELECT k, code, (SELECT max(content) FROM read_text('/etc/hostname')) AS country FROM source")
    assert workspace.run("--pipeline", "p").code != 0
    assert not (workspace.table / "_delta_log").exists()


def test_config_check_binds_the_inputs(workspace):
    joined(workspace, select="SELECT s.k, s.code, c.land AS country FROM source s JOIN countries c USING (code)")
    done = workspace.call([workspace.command()[0], "config", "check", "--config-file-path", str(workspace.config)])
    assert done.code == 78 and "p: transform" in done.out and "land" in done.out, done.out


def test_variables_of_the_pipeline(workspace):
    joined(workspace, select="SELECT k, code, '${label}-${run_date}' AS country FROM source WHERE code <> '${left_out}'", variables={"label": "v1.2", "left_out": "XX"})
    workspace.published("--pipeline", "p")
    assert workspace.rows("k, country", order="k") == [(1, "v1.2-2021-01-01"), (2, "v1.2-2021-01-01")]


@pytest.mark.parametrize(
    ("variables", "select", "said"),
    [
        ({"label": "x"}, "SELECT k, code, '${lable}' AS country FROM source", "unknown variable 'lable'."),
        ({"run_date": "x"}, JOIN, "'variables.run_date': a variable cannot have this name"),
        ({"a-b": "x"}, JOIN, "'variables.a-b': a variable cannot have this name"),
        ({"label": "x' OR '1'='1"}, "SELECT k, code, '${label}' AS country FROM source", "the value of 'label' cannot stand in SQL"),
        ({"label": ["x"]}, JOIN, "'variables.label' must be a text"),
    ],
)
def test_a_variable_that_is_wrong(workspace, variables, select, said):
    joined(workspace, select=select, variables=variables)
    refused(workspace.run("--pipeline", "p"), 78, said)


@pytest.mark.parametrize("keep", ["first", "last"])
def test_which_of_the_duplicates_stays(workspace, keep):
    """NULL comes first in the order; ties are broken by the other columns, in the same direction."""
    columns = {"k": "bigint", "seen": "bigint", "v": "string", "n": "bigint"}
    pipeline(workspace, columns, columns, "SELECT k, seen, v, n FROM source", key=["k"], order=["seen"], more={"dedupe": {"keep": keep}})
    write(workspace, {"k": [1, 1, 2, 2, 3, 3], "seen": [5, None, 7, 7, 7, 7], "v": ["a", "b", "x", "y", "same", "same"], "n": [1, 2, 3, 3, 4, 5]})
    write(workspace, {"k": [1, 2], "seen": [9, 7], "v": ["c", None], "n": [3, 3]}, "b.parquet")
    assert workspace.published("--pipeline", "p")["duplicates_dropped"] == 5
    first = [(1, None, "b", 2), (2, 7, None, 3), (3, 7, "same", 4)]
    last = [(1, 9, "c", 3), (2, 7, "y", 3), (3, 7, "same", 5)]
    assert workspace.rows("k, seen, v, n", order="k") == (last if keep == "last" else first)


def test_what_to_keep_is_one_of_two(workspace):
    joined(workspace, dedupe={"key": ["k"], "order": ["code"], "keep": "newest"})
    refused(workspace.run("--pipeline", "p"), 78, "'dedupe.keep' must be one of first, last, not 'newest'.")


def test_text_written_to_the_day_is_no_input_of_parquet(workspace):
    joined(workspace)
    write_text(workspace, "k,code\n9,DE\n", "more.csv")
    done = workspace.run("--pipeline", "p")
    assert done.code == 0 and "more.csv (its name does not end in .parquet)" in done.err, done.err
