"""Days of text and inputs that lie in a store."""

import pytest
from inputs import pipeline, refused, write_text

TARGET = {"k": "bigint", "country": "string"}
JOIN = "SELECT s.k, c.country FROM source s LEFT JOIN countries c USING (code)"


def joined(workspace, path: str) -> None:
    countries = {"path": path, "format": "csv", "columns": {"code": "string", "country": "string"}}
    more = {"source": {"format": "csv"}, "inputs": {"countries": countries}}
    pipeline(workspace, {"k": "bigint", "code": "string"}, TARGET, JOIN, more=more)
    workspace.arrived(write_text(workspace, "k,code\n1,DE\n2,XX\n", "a.csv"))
    reference = workspace.root / "reference" / "countries.csv"
    reference.parent.mkdir()
    reference.write_text("code,country\nDE,Germany\n")
    workspace.arrived(reference)


@pytest.mark.parametrize("below", ["reference/countries.csv", "reference"])
def test_an_object_and_a_folder(workspace, below):
    joined(workspace, f"s3://{workspace.bucket}/{below}")
    workspace.published("--pipeline", "p")
    assert workspace.rows("k, country", order="k") == [(1, "Germany"), (2, None)]
    assert workspace.leftovers() == []


@pytest.mark.parametrize("below", ["reference/none.csv", "none"])
def test_nothing_there(workspace, below):
    joined(workspace, f"s3://{workspace.bucket}/{below}")
    refused(workspace.run("--pipeline", "p"), 78, f"inputs.countries: there is nothing at s3://{workspace.bucket}/{below}")


def test_objects_at_any_depth(workspace):
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source", more={"source": {"recursive": "true"}})
    for number, name in enumerate(["f.parquet", "a/x/f.parquet", "_hidden/f.parquet", "a/.hidden/f.parquet"]):
        path = workspace.day_folder() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        workspace.arrived(workspace.write_sql(f"SELECT {number}::BIGINT AS k", name=name))
    assert workspace.published("--pipeline", "p")["source"]["files"] == 2
    assert workspace.rows("k", order="k") == [(0,), (1,)]


def test_a_day_that_is_not_ready(workspace):
    pipeline(workspace, {"k": "bigint"}, {"k": "bigint"}, "SELECT k FROM source", more={"source": {"ready": {"file": "_SUCCESS"}}})
    workspace.arrived(workspace.write_sql("SELECT 1::BIGINT AS k"))
    refused(workspace.run("--pipeline", "p"), 66, "is not ready: there is no _SUCCESS")
    workspace.arrived(write_text(workspace, "", "_SUCCESS"))
    assert workspace.published("--pipeline", "p")["written"]["rows"] == 1
