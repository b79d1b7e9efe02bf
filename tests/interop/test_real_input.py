"""The original's own development day and its unit test's fixtures, through the same pipeline."""

import json

import duckdb

TOTALS = "count(*), sum(rating), sum(timestamp), sum(movie_id), sum(user_id), count(*) FILTER (is_multigenre), count(*) FILTER (is_adult)"


def use(workspace, raw):
    workspace.config.write_text(workspace.config.read_text().replace("location: raw", f"location: {raw}"))


def test_the_development_day_twice(workspace, shared):
    use(workspace, shared / "data/raw")
    for _ in range(2):
        report = workspace.published()
        assert (report["source"]["rows"], report["duplicates_dropped"], report["written"]["rows"]) == (44678, 5, 44673)
        assert workspace.rows(TOTALS) == [(44673, 159037.5, 48687526862569, 269796028, 15452102, 35330, 1)]
        assert len(workspace.live_files()) == 1
    assert workspace.leftovers() == []


def test_the_test_day_twice(workspace, shared):
    use(workspace, shared / "data/raw-test")
    for _ in range(2):
        workspace.published(day="2021-06-03")
        assert workspace.rows("count(*)") == [(2,)]


def raw_day_of(workspace, fixture) -> None:
    types = (
        "{movie_id: 'BIGINT', user_id: 'BIGINT', rating: 'FLOAT', timestamp: 'BIGINT', original_title: 'VARCHAR', original_language: "
        "'VARCHAR', budget: 'BIGINT', adult: 'BOOLEAN', genres: 'STRUCT(id BIGINT, name VARCHAR)[]'}"
    )
    workspace.day_folder().mkdir(parents=True)
    source = f"read_json('{fixture}', columns = {types})" if "missing" not in fixture.name else f"read_json('{fixture}')"
    duckdb.connect().execute(f"COPY (FROM {source}) TO '{workspace.day_folder()}/part-0.parquet' (FORMAT parquet)")


def test_the_transform_fixture(workspace, shared):
    raw_day_of(workspace, shared / "data/transform/test_transform_input.ndjson")
    workspace.published()
    expected = [json.loads(line) for line in (shared / "data/transform/test_transform_output_expected.ndjson").read_text().splitlines() if line]
    names = list(expected[0])
    got = [dict(zip(names, row)) for row in workspace.rows(", ".join(f'"{n}"' for n in names))]
    assert got == expected


def test_the_missing_column_fixture(workspace, shared):
    raw_day_of(workspace, shared / "data/transform/test_transform_missing_column_input.ndjson")
    done = workspace.run()
    assert done.code == 3 and "column 'genres' (array<struct<id:bigint,name:string>>) is missing" in done.err
