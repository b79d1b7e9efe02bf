"""The example pipelines, run day by day into a lake of the test's own."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

STEPS = [("customers", "2021-01-01"), ("orders", "2021-01-01"), ("customers", "2021-01-02"), ("orders", "2021-01-02"), ("taxi_trips", "2021-01-01"), ("taxi_trips", "2021-01-02"), ("taxi_trips", "2021-01-01")]
HOURS = [("2021-01-01", "8..9"), ("2021-01-02", "0"), ("2021-01-01", "8")]  # of web_events
TABLES = ["customers", "orders", "taxi_trips", "web_events"]


def run_examples(workspace, lake, flags=()):
    """Where the tables lie then."""
    workspace.config = ROOT / "examples" / "app_config.yaml"
    steps = [(pipeline, day, []) for pipeline, day in STEPS]
    steps += [("web_events", day, ["--execution-hour", hour]) for day, hour in HOURS]
    for pipeline, day, own in steps:
        done = workspace.run("--pipeline", pipeline, "--set", f"data.curated.location={lake}", *own, *flags, day=day)
        assert done.code == 0, (pipeline, day, own, done.err)
    return {table: lake / "marts.db" / table for table in TABLES}
