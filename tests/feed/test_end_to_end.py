"""Sample days through a topic, and through files as they are: the tables are the same."""

import datetime

import duckdb

from .conftest import NUMBERS

DAYS = ["2021-01-01", "2021-01-02"]
QUERY = "SELECT * EXCLUDE (run_date), run_date FROM rows_of_table ORDER BY ALL"


def rows(workspace):
    rows_of_table = workspace.delta().to_pyarrow_table()  # noqa: F841, read by the query
    return duckdb.sql(QUERY).fetchall()


def test_the_table_is_that_of_files(workspace, broker):
    binary = workspace.command()[0]
    made = workspace.call([binary, "generate", "--rows", "3000", "--days", "..".join(DAYS), "--output", "raw"])
    assert made.code == 0, made.err
    for day in DAYS:
        assert workspace.run(day=day).code == 0
    expected = rows(workspace)
    assert len(expected) > 5000

    topic = f"ratings{next(NUMBERS)}"
    broker.create(topic, partitions=3)
    producer = broker.producer()
    for day in DAYS:
        noon = datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")
        events = duckdb.sql(f"SELECT to_json(r) FROM read_parquet('{workspace.raw}/{day.replace('-', '/')}/*.parquet') r").fetchall()
        for number, (value,) in enumerate(events):
            producer.produce(topic, value, partition=number % 3, timestamp=int(noon.timestamp() * 1000))
            producer.poll(0)
    assert producer.flush(60) == 0

    folder = workspace.own_pipelines()
    with (folder / "pipeline.yaml").open("a") as file:
        file.write(f"feed:\n  brokers: {broker.address}\n  topics: [{topic}]\n  event_time: arrived\n  columns: {{arrived: timestamp}}\n")
    workspace.raw, workspace.warehouse = workspace.root / "fed", workspace.root / "fed_warehouse"
    workspace.table = workspace.warehouse / "movie_ratings_curated"
    workspace.write_config()
    fed = workspace.call([binary, "ingest", "--config-file-path", str(workspace.config), "--output", "json"])
    assert fed.code == 0 and fed.json["events"] == 6000, fed.err
    for day in DAYS:
        done = workspace.run(day=day)
        assert done.code == 0, done.err
    assert rows(workspace) == expected
