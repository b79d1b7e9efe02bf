"""The example pipelines, run day by day into a lake of the test's own."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

STEPS = [("customers", "2021-01-01"), ("orders", "2021-01-01"), ("customers", "2021-01-02"), ("orders", "2021-01-02"), ("taxi_trips", "2021-01-01"), ("taxi_trips", "2021-01-02"), ("taxi_trips", "2021-01-01")]
TABLES = ["customers", "orders", "taxi_trips"]


def run_examples(workspace, lake, flags=()):
    """Where the tables lie then."""
    workspace.config = ROOT / "examples" / "app_config.yaml"
    for pipeline, day in STEPS:
        done = workspace.run("--pipeline", pipeline, "--set", f"data.curated.location={lake}", *flags, day=day)
        assert done.code == 0, (pipeline, day, done.err)
    return {table: lake / "marts.db" / table for table in TABLES}
