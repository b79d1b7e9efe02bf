"""Partitions of the data and the modes of writing on Spark: the same tables as DuckDB's, day after day."""

import json
import random

import pytest
from outcome import fingerprint, on
from write_modes import DAYS, MERGE, land, modes

EVERY = ["k", "day", "ts", "v", "tags", "person", "counts", "run_date"]
NESTED = {"tags": "array<string>", "person": "struct<name:string,born:int>"}
SELECT = (
    "SELECT k, day, ts, v, CASE WHEN k % 3 = 0 THEN NULL ELSE array(v, CASE WHEN k % 2 = 0 THEN v END) END AS tags, "
    "CASE WHEN k % 5 = 0 THEN NULL ELSE named_struct('name', v, 'born', CAST(k AS INT)) END AS person FROM source"
)


@pytest.mark.parametrize(
    "target",
    [
        {"partition": {"day": "date"}},
        {"partition": ["run_date", "v"]},
        {"partition": "none"},
        {"partition": {"day": "date"}, "mode": "append"},
        {"partition": "none", "mode": "append"},
        MERGE,
        {**MERGE, "partition": "none", "cluster_by": ["k"]},
    ],
    ids=["overwrite", "run_date_and_data", "whole", "append", "append_unpartitioned", "merge", "merge_unpartitioned"],
)
def test_day_after_day(workspace, server, left_alone, target):
    modes(workspace, target)
    path = workspace.pipelines / "p" / "pipeline.yaml"
    definition = json.loads(path.read_text())
    definition["target"]["columns"] |= NESTED
    path.write_text(json.dumps(definition))
    seed = random.Random(json.dumps(target))
    for day in DAYS[:3]:
        land(workspace, day, [(seed.randrange(12), seed.choice(DAYS), seed.randrange(3), seed.choice("ab")) for _ in range(30)])
    for day in (DAYS[0], DAYS[2], DAYS[1], DAYS[2]):
        seen = []
        for name, select, flags in (("by-duckdb", SELECT.replace("array(", "list_value(").replace("named_struct('name', v, 'born', ", "struct_pack(name := v, born := "), ()), ("by-spark", SELECT, on(server.url))):
            (workspace.pipelines / "p" / "transform.sql").write_text(select)
            workspace.warehouse = workspace.root / name
            workspace.table = workspace.warehouse / "marts.db/t"
            places = ("--set", f"data.curated.location={name}", "--set", "data.curated.table=marts.t")
            report = workspace.published("--pipeline", "p", *places, *flags, day=day)
            assert workspace.leftovers() == []
            del report["effect"]["copied"]  # of files that lose a row, and how many files there are is the engine's
            seen.append((report["effect"], report["staged"]["rows"], fingerprint(workspace.table)))
        assert seen[0] == seen[1], day
