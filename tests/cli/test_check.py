"""movies-etl check: datasets, exit codes, confinement, samples; and the same abilities in the gate of a run."""

import json
import shutil
import struct

import duckdb
import pytest

TABLE = "movie_ratings_curated"


@pytest.fixture
def checked(workspace):
    """A workspace with a published day of three ratings: 1, 3 and 5 stars."""
    workspace.write_day([{"movie_id": n, "user_id": 7, "rating": float(2 * n - 1)} for n in (1, 2, 3)])
    workspace.published()
    return workspace


def check(workspace, text: str, *flags: str, config: bool = True):
    file = workspace.root / "checks.yml"
    file.write_text(text)
    settings = ["-c", str(workspace.config)] if config else []
    return workspace.call([workspace.command()[0], "check", *settings, *flags, str(file)])


def test_the_pipelines_own_checks_are_the_default(checked):
    done = checked.call([checked.command()[0], "check", "-c", str(checked.config), "--execution-date", "2021-01-01"])
    assert done.code == 0, done.err
    assert "7 checks: 7 passed" in done.out
    done = checked.call([checked.command()[0], "check", "-c", str(checked.config), "--execution-date", "2021-01-02"])
    assert done.code == 2 and "The day has ratings.  row_count = 0, must be > 0" in done.out


@pytest.mark.parametrize(
    "line, code, swapped",
    [("row_count = 3", 0, 0), ("row_count:\n      warn: when = 3", 1, 2), ("row_count = 4", 2, 1), ("row_count(", 3, 3)],
)
def test_exit_codes_are_those_of_soda(checked, line, code, swapped):
    text = f"checks for {TABLE}:\n  - {line}\n"
    assert check(checked, text).code == code
    assert check(checked, text, "--exit-codes", "v4").code == swapped


def test_no_check_at_all_is_an_error_unless_allowed(checked):
    done = check(checked, "checks for movie_ratings_curated: []\n")
    assert done.code == 3 and "there is no check in the checks files" in done.out
    assert check(checked, "", "--allow-empty").code == 0


def test_files_of_folders_in_order_and_variables(checked):
    folder = checked.root / "sodacl"
    (folder / "b").mkdir(parents=True)
    (folder / "a.yaml").write_text("variables:\n  least: 9\nchecks for ${tbl}:\n  - row_count >= ${least}\n")
    (folder / "b" / "c.yml").write_text("checks for ${tbl}:\n  - max(rating) = 5\n")
    (folder / "b" / "notes.txt").write_text("no checks\n")
    command = [checked.command()[0], "check", "-c", str(checked.config), "-v", f"tbl={TABLE}", "-v", "least=3", str(folder)]
    done = checked.call(command)
    assert done.code == 0, done.out
    assert done.out.splitlines()[1:3] == ["  passed  row_count >= 3", "  passed  max(rating) = 5"]
    done = checked.call([*command, "nowhere"])
    assert done.code == 78 and "there is no checks file or folder 'nowhere'" in done.err


def test_parquet_datasets_without_any_configuration(workspace):
    for country in ("nl", "de"):
        folder = workspace.root / "export" / f"country={country}"
        folder.mkdir(parents=True)
        duckdb.execute(f"COPY (SELECT range AS id, '{country}!' AS text FROM range(10)) TO '{folder}/part.parquet' (FORMAT parquet)")
    # One file lacks a column: it is NULL there.
    duckdb.execute(f"COPY (SELECT 99::BIGINT AS id) TO '{workspace.root}/export/country=de/late.parquet' (FORMAT parquet)")
    text = (
        "checks for export:\n  - row_count = 21\n  - missing_count(text) = 1\n  - invalid_count(country) = 0:\n"
        "      valid values: [nl, de]\n  - duplicate_count(id) = 10\n  - row_count same as one\n"
        "  - values in (id) must exist in one (id)\n"
    )
    export = workspace.root / "export"
    done = check(workspace, text, "--dataset", f"export={export}", "--dataset", f"one={export}/country=*/part.parquet", config=False)
    assert done.code == 2
    assert [line.split()[0] for line in done.out.splitlines()[1:7]] == ["passed"] * 4 + ["FAILED"] * 2, done.out
    assert "values in (id) must exist in one (id).  rows whose id is not in one = 1, must be = 0" in done.out
    done = check(workspace, text, "--dataset", "export=nothing/*.parquet", config=False)
    assert done.code == 78 and "dataset 'export': there is no data at nothing/*.parquet" in done.err
    duckdb.execute(f"COPY (SELECT 'x' AS id) TO '{export}/other.parquet' (FORMAT parquet)")
    done = check(workspace, text, "--dataset", f"export={export}", config=False)
    assert done.code == 3 and "column 'id' is string in" in done.err and "bigint in" in done.err


def test_delta_folder_with_partitions_and_an_added_column(checked):
    checked.own_pipelines()
    checked.edit("pipeline.yaml", "    run_date: {", "    stars: {type: int}\n    run_date: {")
    checked.edit("transform.sql", "SELECT", "SELECT CAST(rating AS INT) AS stars,")
    checked.write_day([{"movie_id": 9, "user_id": 1}], day="2021-01-02")
    checked.published("--evolve", day="2021-01-02")
    text = (
        "checks for lake:\n  - row_count = 4\n  - missing_count(stars) = 3\n  - schema:\n      fail:\n"
        "        when required column missing: [run_date]\nfilter lake [late]:\n  where: run_date > '2021-01-01'\n"
        "checks for lake [late]:\n  - row_count = 1\n  - max(movie_id) = 9\n"
    )
    done = check(checked, text, "--dataset", f"lake={checked.table}", config=False)
    assert done.code == 0, done.out + done.err


def test_rows_behind_a_deletion_vector_are_not_counted(checked):
    """The vector of row 1, inline, as the Delta protocol has it: z85 of a RoaringBitmapArray."""
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    bitmap = struct.pack("<IQI", 1681511377, 1, 0) + struct.pack("<IIHHIH", 12346, 1, 0, 0, 16, 1)
    padded = bitmap + bytes(-len(bitmap) % 4)
    words = struct.unpack(f">{len(padded) // 4}I", padded)
    inline = "".join(alphabet[word // 85**power % 85] for word in words for power in (4, 3, 2, 1, 0))
    last = checked.table / "_delta_log" / f"{1:020}.json"
    lines = [json.loads(line) for line in last.read_text().splitlines()]
    for line in lines:
        if "add" in line:
            line["add"]["deletionVector"] = {"storageType": "i", "pathOrInlineDv": inline, "sizeInBytes": len(bitmap), "cardinality": 1}
    lines.append({"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}})
    last.write_text("".join(json.dumps(line) + "\n" for line in lines))
    text = "checks for lake:\n  - row_count = 2\n  - missing_count(run_date) = 0\n"
    done = check(checked, text, "--dataset", f"lake={checked.table}", config=False)
    assert done.code == 0, done.out + done.err


def test_an_empty_partition_value_is_null_whatever_the_file_says(checked):
    """As Spark reads it; and no file's own column stands in for a partition column."""
    log = checked.table / "_delta_log"
    entry = log / f"{1:020}.json"
    lines = [json.loads(line) for line in entry.read_text().splitlines()]
    (add,) = [line["add"] for line in lines if "add" in line]
    own = checked.table / "own.parquet"
    duckdb.execute(f"COPY (SELECT *, 'from the file' AS run_date FROM read_parquet('{checked.table / add['path']}')) TO '{own}' (FORMAT parquet)")
    for version, value in ((2, ""), (3, None)):
        path = f"own-{version}.parquet"
        shutil.copy(own, checked.table / path)
        more = {**add, "path": path, "size": own.stat().st_size, "partitionValues": {"run_date": value}}
        (log / f"{version:020}.json").write_text(json.dumps({"add": more}) + "\n")
    text = "checks for lake:\n  - row_count = 9\n  - missing_count(run_date) = 6\n  - missing_count(movie_id) = 0\n"
    done = check(checked, text, "--dataset", f"lake={checked.table}", config=False)
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize("name", ["part of it", "part.parquet"])
def test_a_file_elsewhere_is_read_and_one_that_is_gone_is_missing(checked, name):
    """A shallow clone names files of another table by absolute paths, and Delta asks no name of a data file."""
    entry = checked.table / "_delta_log" / f"{1:020}.json"
    lines = [json.loads(line) for line in entry.read_text().splitlines()]
    (add,) = [line["add"] for line in lines if "add" in line]
    elsewhere = checked.root / "else where" / name
    elsewhere.parent.mkdir()
    (checked.table / add["path"]).rename(elsewhere)
    add["path"] = elsewhere.as_uri()
    entry.write_text("".join(json.dumps(line) + "\n" for line in lines))
    text = "checks for lake:\n  - row_count = 3\n  - missing_count(run_date) = 0\n"
    done = check(checked, text, "--dataset", f"lake={checked.table}", config=False)
    assert done.code == 0, done.out + done.err
    elsewhere.unlink()
    done = check(checked, text, "--dataset", f"lake={checked.table}", config=False)
    assert done.code == 3 and f"the data file {elsewhere} is missing" in done.out + done.err, done.out + done.err


def test_one_day_of_many_opens_only_its_files(checked):
    """Sixty more days, of whose files none can be read: the checks of the one day do not open them."""
    log = checked.table / "_delta_log"
    lines = [json.loads(line) for line in (log / f"{1:020}.json").read_text().splitlines()]
    (add,) = [line["add"] for line in lines if "add" in line]
    more = [{"add": {**add, "path": f"run_date=2022-01-{n:02}/junk.parquet", "partitionValues": {"run_date": f"2022-01-{n:02}"}}} for n in range(1, 61)]
    (log / f"{2:020}.json").write_text("".join(json.dumps(line) + "\n" for line in more))
    for line in more:
        file = checked.table / line["add"]["path"]
        file.parent.mkdir()
        file.write_text("junk")
    text = (
        "filter lake [day]:\n  where: run_date = '2021-01-01'\n"
        "checks for lake [day]:\n  - row_count = 3\n  - duplicate_count(movie_id, user_id) = 0\n"
    )
    done = check(checked, text, "--dataset", f"lake={checked.table}", config=False)
    assert done.code == 0, done.out + done.err
    done = check(checked, "checks for lake:\n  - row_count > 3\n", "--dataset", f"lake={checked.table}", config=False)
    assert done.code == 3 and "2022-01-01/junk.parquet" in done.out + done.err, done.out + done.err
    (checked.table / more[5]["add"]["path"]).unlink()
    done = check(checked, text, "--dataset", f"lake={checked.table}", config=False)
    assert done.code == 3 and "2022-01-06/junk.parquet is missing" in done.out, done.out + done.err


HOSTILE = [
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM '/etc/hostname'",
    "COPY (SELECT 1) TO '{stolen}'",
    "ATTACH '{stolen}'",
    "SET enable_external_access = true",
    "INSTALL httpfs",
    "SELECT 1; COPY (SELECT 1) TO '{stolen}'",
    "SELECT 1) AS x; COPY (SELECT 1) TO '{stolen}'; SELECT * FROM (SELECT 1",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_sql_of_checks_reads_nothing_but_datasets_and_changes_nothing(checked, sql):
    stolen = checked.root / "stolen"
    text = json.dumps({f"checks for {TABLE}": [{"failed rows": {"fail query": sql.format(stolen=stolen)}}, "row_count = 3"]})
    done = check(checked, text)
    assert done.code == 3 and "NOT EVALUATED  failed rows" in done.out, done.out
    assert "passed  row_count = 3" in done.out
    assert not stolen.exists()


def test_samples_keep_to_their_limit_and_hide_sensitive_columns(checked):
    text = f"checks for {TABLE}:\n  - invalid_count(rating) = 0:\n      valid max: 2\n      samples limit: 1\n"
    done = check(checked, text, "--set", "checks.sensitive_columns=USER_ID, original_title")
    assert done.code == 2
    (sample,) = checked.warehouse.glob("_checks/*-samples/*.parquet")
    columns = [row[0] for row in duckdb.sql(f"DESCRIBE SELECT * FROM '{sample}'").fetchall()]
    assert "movie_id" in columns and not {"user_id", "original_title"} & set(columns)
    assert duckdb.sql(f"SELECT count(*) FROM '{sample}'").fetchone() == (1,)
    checked.warehouse.joinpath("_checks").rename(checked.root / "old")
    check(checked, text.replace("limit: 1", "limit: 0"))
    assert not list(checked.warehouse.glob("_checks/*-samples"))


def test_the_gate_can_name_its_table_and_other_tables(checked):
    """User SQL in the gate of a run sees the staged rows under the table's name, and tables already published."""
    checked.own_pipelines()
    own = (
        "\n  - failed rows:\n      name: no single star\n      fail query: SELECT movie_id FROM ${table} WHERE rating = 1\n"
        "  - spellings >= 3:\n      spellings query: |\n        SELECT (SELECT count(*) FROM Default.movie_ratings_curated)\n"
        "          + (SELECT count(*) FROM movie_ratings_curated) -- default.nothing\n"
        "          + (SELECT count(*) FROM (SELECT 'default.' AS t) s WHERE t = 'default.')\n"
        "  - values in (movie_id) must exist in known_movies (movie_id)\n"
    )
    checks = checked.pipelines / "movie_ratings" / "checks.yaml"
    checks.write_text(checks.read_text() + own)
    from deltalake import write_deltalake

    write_deltalake(str(checked.warehouse / "known_movies"), duckdb.sql("SELECT 4 AS movie_id").to_arrow_table())
    checked.write_day([{"movie_id": 4, "user_id": 1, "rating": 2.0}], day="2021-01-02")
    assert checked.published(day="2021-01-02")["checks"]["summary"]["passed"] == 10
    checked.write_day([{"movie_id": 4, "user_id": 1, "rating": 1.0}, {"movie_id": 5, "user_id": 1}], day="2021-01-03")
    done = checked.run("--output", "json", day="2021-01-03")
    assert done.code == 2
    bad = {c["name"]: c["value"] for c in done.json["runs"][0]["checks"]["checks"] if c["outcome"] == "fail"}
    assert bad == {"no single star": 1, "values in (movie_id) must exist in known_movies (movie_id)": 1}
    assert len(done.json["runs"][0]["samples"]) == 2


def test_a_day_is_compared_with_the_published_days_before_it(workspace):
    """History: warm-up lets the first day through, a jump is refused, and a refused day is not a baseline for the next."""
    workspace.own_pipelines()
    checks = workspace.pipelines / "movie_ratings" / "checks.yaml"
    checks.write_text(checks.read_text() + "  - change percent for row_count between -50 and 50:\n      name: steady\n")

    def day(number: int, rows: int):
        date = f"2021-01-0{number}"
        workspace.write_day([{"movie_id": n, "user_id": 1} for n in range(rows)], day=date)
        return workspace.run("--output", "json", day=date)

    def steady(done):
        return next(c for c in done.json["runs"][0]["checks"]["checks"] if c["name"] == "steady")

    first = day(1, 10)
    assert first.code == 0 and steady(first)["outcome"] == "not_evaluated" and steady(first)["warming_up"] is True
    assert day(2, 12).code == 0
    jump = day(3, 100)
    assert jump.code == 2 and steady(jump)["outcome"] == "fail" and steady(jump)["value"] == pytest.approx(733.33, abs=0.01)
    after = day(4, 13)
    assert after.code == 0 and steady(after)["value"] == pytest.approx(8.33, abs=0.01)
    # Run again, a day is compared with those before it, not with itself or later ones.
    again = day(2, 11)
    assert again.code == 0 and steady(again)["value"] == pytest.approx(10.0)


def test_history_in_a_file_of_ones_own(workspace):
    duckdb.execute(f"COPY (SELECT 1 AS id) TO '{workspace.root}/a.parquet' (FORMAT parquet)")
    text = "checks for a:\n  - change for row_count = 0\n"
    workspace.config.unlink()
    flags = ["--dataset", f"a={workspace.root}/a.parquet"]
    done = check(workspace, text, *flags, config=False)
    assert done.code == 3 and "--history" in done.out, done.out
    flags += ["--history", "h/history.jsonl"]
    assert "warming up" in check(workspace, text, *flags, config=False).out
    assert "passed" in check(workspace, text, *flags, config=False).out
    (workspace.root / "h/history.jsonl").write_text("{}\n" * 2)
    done = check(workspace, text, *flags, config=False)
    assert done.code == 3 and "history.jsonl:1" in done.err


BAD = f"checks for {TABLE}:\n  - row_count = 3\n  - invalid_count(rating) = 0:\n      valid max: 2\n  - max(rating):\n      warn: when > 4\n"


@pytest.mark.parametrize(
    "form, parts",
    [
        ("text", ["  passed  row_count = 3\n", "  FAILED  invalid_count(rating) = 0.  invalid_count(rating) = 2, must be = 0 "]),
        ("soda", ["Soda Core 3.5.6\n", "1/3 checks FAILED: \n", f"    {TABLE} in db\n", "Oops! 1 failure. 1 warning. 0 errors. 1 pass.\n"]),
        ("json", ['"outcome": "fail"', '"sample_file": "']),
        ("junit", ['<testsuites name="checks" tests="3" failures="1" errors="0">', '<failure message="invalid_count(rating) = 2, must be = 0">']),
        ("github", ["::error file=", ",line=3,col=5,title=invalid_count(rating) = 0::", "::warning file="]),
        ("markdown", ["**3 checks: 1 passed, 1 warned, 1 failed**", "| ❌ **failed** |"]),
    ],
)
def test_every_form_of_the_result(checked, form, parts):
    done = check(checked, BAD, "--format", form)
    assert done.code == 2
    for part in parts:
        assert part in done.out, done.out


def test_scan_results_are_saved_as_soda_does(checked):
    file = checked.root / "results.json"
    assert check(checked, BAD, "-srf", str(file)).code == 2
    saved = json.loads(file.read_text())
    assert (saved["hasFailures"], saved["hasWarnings"], saved["hasErrors"], saved["defaultDataSource"]) == (True, True, False, "db")
    assert [c["outcome"] for c in saved["checks"]] == ["pass", "fail", "warn"]
    assert saved["checks"][1]["diagnostics"]["fail"] == {"greaterThan": 0.0, "lessThan": 0.0}


def test_list_and_explain_run_nothing(checked):
    done = check(checked, BAD.replace(TABLE, "${unknown}"), "--list", config=False)
    assert done.code == 0 and "  invalid_count(rating) = 0   " in done.out and done.out.endswith("3 checks\n"), done.out
    assert check(checked, "checks for t:\n  - row_count\n", "--list", config=False).code == 3
    done = check(checked, BAD, "--explain")
    assert done.code == 0 and 'COUNT(CASE WHEN NOT ("rating" IS NULL) AND NOT ("rating" <= 2) THEN 1 END)' in done.out, done.out
    assert not list(checked.warehouse.glob("_checks/*"))


def test_failing_rows_are_shown_and_kept(checked):
    done = check(checked, BAD, "--set", "checks.sensitive_columns=user_id", "--show-rows")
    rows = [line for line in done.out.splitlines() if line.startswith(" " * 12)]
    assert len(rows) == 2 and "rating 3, " in rows[0] and "user_id" not in rows[0], done.out
    (file,) = checked.warehouse.glob("_checks/*-samples/*.parquet")
    assert f"sample  {file}" in done.out


def test_surveys_and_row_counts_of_another_database(workspace):
    duckdb.execute(f"COPY (SELECT range AS id, 'a' AS secret FROM range(3)) TO '{workspace.root}/t.parquet' (FORMAT parquet)")
    text = (
        "profile columns:\n  columns: [t.%]\nsample datasets:\n  datasets: [t]\ndiscover datasets:\n  datasets: [include %]\n"
        "checks for t:\n  - row_count same as t in other\n"
    )
    done = check(workspace, text, "--dataset", f"t={workspace.root}/t.parquet", "--dataset", f"other.t={workspace.root}/t.parquet", config=False)
    assert done.code == 0, done.out
    for part in ("found other.t\n", "profile of t, 3 rows\n", "most frequent a (3 x)", "-samples/t-0.zstd.parquet\n"):
        assert part in done.out, done.out


def test_failing_rows_are_printed_only_on_demand(checked):
    def rows_in(done):
        return [line for line in done.out.splitlines() if line.startswith(" " * 12) and "user_id" in line]

    plain, shown = check(checked, BAD), check(checked, BAD, "--show-rows")
    assert plain.code == shown.code == 2 and "          sample  " in plain.out
    assert rows_in(plain) == [] and len(rows_in(shown)) == 2
