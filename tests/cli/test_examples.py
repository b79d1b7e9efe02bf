"""The pipelines of examples/: they validate, pass their tests, run, and leave what docs/examples.md says."""

import duckdb
from conftest import ROOT
from deltalake import DeltaTable
from example_days import TABLES, run_examples

CONFIG = ("--config-file-path", str(ROOT / "examples" / "app_config.yaml"))


def rows(table, columns):
    seen = DeltaTable(str(table)).to_pyarrow_table()  # noqa: F841, read by the query
    return duckdb.sql(f"SELECT {columns} FROM seen ORDER BY ALL").fetchall()


def test_they_leave_what_they_should(workspace):
    tables = run_examples(workspace, workspace.root / "lake")
    assert rows(tables["customers"], "customer_id, country") == [(1, "FR"), (2, "AT"), (3, "DE"), (4, "PL")]
    assert rows(tables["orders"], "order_id, CAST(order_date AS VARCHAR), status, country, run_date") == [
        (1, "2021-01-01", "paid", "FR", "2021-01-01"),
        (2, "2021-01-01", "cancelled", "AT", "2021-01-02"),
        (3, "2021-01-02", "new", "PL", "2021-01-02"),
        (4, "2021-01-01", "new", "DE", "2021-01-02"),
    ]
    assert rows(tables["taxi_trips"], "CAST(pickup_date AS VARCHAR), taxi, seconds, pickup_borough, run_date") == [
        ("2021-01-01", "T1", 600, "Hills", "2021-01-02"),
        ("2021-01-01", "T1", 750, "Harbour", "2021-01-01"),
        ("2021-01-01", "T2", 1800, "Old Town", "2021-01-01"),
        ("2021-01-02", "T3", 1800, "Harbour", "2021-01-02"),
    ]
    assert rows(tables["web_events"], "event_id, CAST(event_date AS VARCHAR), event_hour, kind, device, tags, run_date") == [
        ("e1", "2021-01-01", 8, "view", "phone", 0, "2021-01-01"),
        ("e2", "2021-01-01", 8, "search", "laptop", 2, "2021-01-01"),
        ("e3", "2021-01-01", 9, "buy", "laptop", 0, "2021-01-01"),
        ("e4", "2021-01-01", 9, "click", "unknown", 1, "2021-01-01"),
        ("e5", "2021-01-01", 23, "view", "phone", 0, "2021-01-02"),
        ("e6", "2021-01-02", 0, "buy", "phone", 0, "2021-01-02"),
    ]


def test_their_tests_pass(workspace):
    done = workspace.call([*workspace.command(day=None)[:1], "test", *CONFIG])
    assert done.code == 0, done.out + done.err
    assert all(f"ok      {table}: " in done.out for table in TABLES)
