"""Pipelines whose partitions are columns of the data, their raw days, and a model of what a merge leaves."""

import datetime
import json

import pyarrow as arrow
import pyarrow.parquet as parquet
from inputs import pipeline

SOURCE = {"k": "bigint", "day": "date", "ts": "bigint", "v": "string"}
DAYS = ["2021-01-01", "2021-01-02", "2021-01-03", "2021-01-04"]


def modes(workspace, more, target=None, select="SELECT k, day, ts, v FROM source", source=None, run_date=True):
    target = dict(target or SOURCE)
    pipeline(workspace, source or SOURCE, target, select, more={"target": more})
    if not run_date:
        path = workspace.pipelines / "p" / "pipeline.yaml"
        definition = json.loads(path.read_text())
        del definition["target"]["columns"]["run_date"]
        path.write_text(json.dumps(definition))


def land(workspace, day, rows):
    """Rows of (k, day, ts, v) as the raw files of a day."""
    folder = workspace.day_folder(day)
    folder.mkdir(parents=True, exist_ok=True)
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    path = folder / "a.parquet"
    parquet.write_table(
        arrow.table(
            {
                "k": arrow.array(columns[0], arrow.int64()),
                "day": arrow.array([None if d is None else datetime.date.fromisoformat(d) for d in columns[1]], arrow.date32()),
                "ts": arrow.array(columns[2], arrow.int64()),
                "v": arrow.array(columns[3], arrow.string()),
            }
        ),
        path,
    )
    return path


MERGE = {"partition": {"day": "date"}, "mode": "merge", "key": ["k"], "order": ["ts"]}


def newest(days):
    """The rows that a merge of these days leaves, in whichever order they came: of each key in a partition the last one."""
    kept = {}
    for row in (row for rows in days for row in rows):
        key = row[:2]
        kept[key] = max(kept.get(key, row), row, key=lambda r: (r[2], r[3]))
    return sorted(kept.values())
