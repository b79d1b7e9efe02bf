"""Raw days and pipelines of any columns, for tests of what a day may hold."""

import json
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet

HOSTILE_NAMES = [  # what engines or this program call something, what must be quoted, and what is merely odd
    *("file_row_number", "FILE_INDEX", "file_index", "filename", "rowid", "row", "place", "chosen", "dropped", "ranked", "ties", "source", "s", "d", "t"),
    *("e", "_metadata", "select", "order", "seen", "repeated", "raw_0", "element", "key"),
    *('a"b', "a'b", "a`b", "a.b", "a b", "a;b", "a)b", "--", "/*", "{a}", "%s", "\\", "é", "名前", "🎬", "İ", "x" * 1000),
]


def pipeline(workspace, source: dict, target: dict, select: str, key=None, order=None, path="{yyyy}/{MM}/{dd}", properties=None, more=None) -> None:
    """A pipeline `p` with checks that let everything pass; `more`: further keys, by section."""
    folder = workspace.pipelines = workspace.root / "pipelines"
    workspace.write_config()
    folder = folder / "p"
    folder.mkdir(parents=True)
    definition = {
        "source": {"path": path, "columns": source},
        "transform": "transform.sql",
        "target": {"partition": "run_date", "columns": {**target, "run_date": "string"}},
        "checks": "checks.yaml",
    }
    if properties:
        definition["target"]["properties"] = properties
    if key:
        definition["dedupe"] = {"key": key, "order": order}
    for section, keys in (more or {}).items():
        definition.setdefault(section, {}).update(keys)
    (folder / "pipeline.yaml").write_text(json.dumps(definition, indent=1, ensure_ascii=False))
    (folder / "transform.sql").write_text(select)
    (folder / "checks.yaml").write_text("checks for ${table}:\n  - row_count >= 0\n")


def write(workspace, columns: dict, name: str = "a.parquet", **options) -> Path:
    """A raw file of the day; columns as lists or Arrow arrays."""
    folder = workspace.day_folder()
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(arrow.table(columns), folder / name, **options)
    return folder / name


def write_text(workspace, text: str | bytes, name: str) -> Path:
    """A raw file of the day that is text."""
    path = workspace.day_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(done, code, *texts):
    assert done.code == code, done.err
    for text in texts:
        assert text in done.err
    return done
