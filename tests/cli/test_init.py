"""`init` makes a pipeline out of real files that validates, passes its test and runs at once."""

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from conftest import BINARY
from inputs import HOSTILE_NAMES, refused, write_text


def call(workspace, *args):
    return workspace.call([str(BINARY), *args, "--config-file-path", str(workspace.config)])


def made(workspace, source, name="orders"):
    workspace.pipelines = workspace.root / "pipelines"
    workspace.pipelines.mkdir(exist_ok=True)
    workspace.write_config()
    done = call(workspace, "init", name, "--from", str(source))
    assert done.code == 0, done.err
    for command in (["validate", name], ["test", name]):
        tried = call(workspace, *command)
        assert tried.code == 0, tried.out + tried.err
    workspace.table = workspace.warehouse / name
    return done, (workspace.pipelines / name / "pipeline.yaml").read_text()


def write(workspace, columns, name="a.parquet"):
    folder = workspace.day_folder()
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(arrow.table(columns), folder / name)
    return folder


COLUMNS = {
    "country": ["DE", "DE", None],
    "order_id": [1, 2, 2],
    "line": [1, 1, 2],
    "price": arrow.array([1.5, -2.0, 3.0]),
    "placed": arrow.array([1, 2, 3], arrow.timestamp("us", "UTC")),
    "tags": arrow.array([[{"a": 1}], None, []], arrow.list_(arrow.struct([("a", arrow.int64())]))),
}


def test_parquet(workspace):
    folder = write(workspace, COLUMNS)
    done, definition = made(workspace, f"{folder}/*.parquet")
    assert "3 rows, 6 columns; the key is a guess: order_id, line" in done.out and "run --pipeline orders --execution-date 2021-01-01" in done.out
    assert f'  location: "{workspace.raw}"\n  path: "{{yyyy}}/{{MM}}/{{dd}}"\n' in definition
    assert definition.count('    tags: "array<struct<a:bigint>>"\n') == 2
    assert "  key: [order_id, line]\n  order: [placed]\n" in definition
    assert "  table: default.orders\n  partition: run_date\n  cluster_by: [order_id, line]\n" in definition
    checks = (workspace.pipelines / "orders" / "checks.yaml").read_text()
    assert "duplicate_count(order_id, line) = 0" in checks and "missing_count(price) = 0" in checks
    assert "missing_count(country)" not in checks and "invalid_count(price)" not in checks and "invalid_count(line) = 0" in checks
    assert workspace.published("--pipeline", "orders")["written"]["rows"] == 3


@pytest.mark.parametrize("form", ["csv", "json"])
def test_text(workspace, form):
    text = "id,name,paid,day\n1,a,1.50,2021-01-01\n2,b,,2021-01-02\n"
    if form == "json":
        text = '{"id": 1, "name": "a", "paid": 1.5, "day": "2021-01-01"}\n{"id": 2, "name": "b"}\n'
    path = write_text(workspace, text, f"a.{form}")
    _, definition = made(workspace, path.parent)
    assert f"  format: {form}\n" in definition
    assert '  columns:\n    id: "bigint"\n    name: "string"\n    paid: "double"\n    day: "date"\n' in definition
    assert workspace.published("--pipeline", "orders")["written"]["rows"] == 2


@pytest.mark.parametrize(("folder", "path"), [("day=2021-01-01", "day={yyyy}-{MM}-{dd}"), ("20210101", "{yyyy}{MM}{dd}"), ("d_2021-01-01_x", "d_{yyyy}-{MM}-{dd}_x")])
def test_days_in_one_folder_name(workspace, folder, path):
    written = write(workspace, COLUMNS)
    target = workspace.root / "lake" / folder
    target.parent.mkdir()
    written.rename(target)
    _, definition = made(workspace, target)
    assert f'  location: "{target.parent}"\n  path: "{path}"\n' in definition
    assert workspace.published("--pipeline", "orders")["written"]["rows"] == 3


def test_hostile_names(workspace):
    """Of columns and of files. The table has other names for those that it cannot have."""
    names = {name.lower(): name for name in HOSTILE_NAMES}.values()
    made(workspace, write(workspace, {name: [1, 2] for name in [*names, "yes", "null", "run_date"]}, "a[1]*'.parquet"))
    assert workspace.published("--pipeline", "orders")["written"]["rows"] == 2


def test_no_key_is_no_dedupe(workspace):
    done, definition = made(workspace, write(workspace, {"a": [1, 1], "b": [None, 2]}))
    assert "dedupe:" not in definition and "no key was found" in done.out
    assert workspace.published("--pipeline", "orders")["written"]["rows"] == 2


def test_a_day_without_rows(workspace):
    _, definition = made(workspace, write(workspace, {"a": arrow.array([], arrow.int64())}))
    assert '  columns:\n    a: "bigint"\n' in definition


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["a-b", "--from", "{day}"], 64, "'a-b' cannot be the name of a pipeline and its table"),
        (["orders", "--from", "{day}/*.csv"], 64, "names no file"),
        (["orders", "--from", "{root}/*/*/*/*"], 64, "names files of several folders"),
        (["orders", "--from", "{root}/raw/*.md"], 64, "no day is in the name of the folder"),
        (["orders", "--from", "{root}/2021/13/01"], 64, "no day is in the name of the folder"),
        (["movie_ratings", "--from", "{day}"], 78, "is there already"),
        (["orders"], 64, "--from"),
    ],
)
def test_what_cannot_be_made(workspace, args, code, said):
    workspace.own_pipelines()
    day = write(workspace, COLUMNS)
    (workspace.raw / "a.md").write_text("x")
    other = workspace.root / "2021" / "13" / "01"
    other.mkdir(parents=True)
    (other / "a.csv").write_text("a\n1\n")
    (workspace.root / "2021" / "13" / "02").mkdir()
    (workspace.root / "2021" / "13" / "02" / "a.csv").write_text("a\n1\n")
    before = sorted(workspace.pipelines.rglob("*"))
    refused(call(workspace, "init", *[arg.format(day=day, root=workspace.root) for arg in args]), code, said)
    assert sorted(workspace.pipelines.rglob("*")) == before


def test_files_of_several_formats(workspace):
    workspace.own_pipelines()
    folder = write(workspace, COLUMNS)
    write_text(workspace, "a\n1\n", "b.csv")
    refused(call(workspace, "init", "orders", "--from", str(folder)), 78, "not all files are of one format")
    assert not (workspace.pipelines / "orders").exists()


def test_names_that_yaml_or_a_table_cannot_have(workspace):
    _, definition = made(workspace, write(workspace, {'a"b': [1], "c: d": ["x"], "c:_d": [1.5], "é": [True]}))
    assert definition.count('    "a\\"b": "bigint"\n') == 2 and definition.count('    "c: d": "string"\n') == 1
    for name in ('"c:_d": "string"', '"c:_d_": "double"', '"é": "boolean"'):
        assert f"    {name}\n" in definition
    assert workspace.published("--pipeline", "orders")["written"]["rows"] == 1
