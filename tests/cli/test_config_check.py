"""`config check`: what the settings lead to, tried without writing anything."""

import json


def listing(folder):
    return sorted(str(path) for path in folder.rglob("*"))


def test_all_works_and_nothing_is_written(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    before = listing(workspace.root)
    done = workspace.call([*workspace.command()[:1], "config", "check", "--config-file-path", str(workspace.config)])
    assert done.code == 0, done.err + done.out
    assert [line.split()[0] for line in done.out.splitlines()] == ["ok"] * 6
    assert "the first run makes it" in done.out and "DuckDB" in done.out
    assert listing(workspace.root) == before


def test_each_fault_is_told_with_what_to_do(workspace):
    done = workspace.call(
        [*workspace.command()[:1], "config", "check", "--config-file-path", str(workspace.config), "--pipeline", "movie_rating", "--output", "json"]
    )
    assert done.code == 78, done.err + done.out
    findings = {one["what"]: one for one in json.loads(done.out)["findings"]}
    assert "there is no pipeline 'movie_rating'" in findings["pipeline movie_rating"]["error"]
    assert "is no folder" in findings["data.raw.location"]["error"]
    assert "Correct data.raw.location" in findings["data.raw.location"]["hint"]
    assert findings["engine duckdb"]["ok"] and findings["catalog filesystem"]["ok"]


def test_a_server_that_is_not_there_fails_alone(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    done = workspace.call(
        [*workspace.command()[:1], "config", "check", "--config-file-path", str(workspace.config), "--set", "catalog.kind=hive", "--set", "catalog.hive.uri=thrift://127.0.0.1:1"]
    )
    assert done.code == 3, done.err + done.out
    failed = [line for line in done.out.splitlines() if line.startswith("failed")]
    assert len(failed) == 1 and "catalog hive" in failed[0] and "127.0.0.1" in failed[0]
