"""The commands that look after a table: how tests call them, and what they must do in every store."""

DAY, NEXT = "2021-01-01", "2021-01-02"


def rows(*keys, title="Title"):
    return [{"movie_id": movie, "user_id": user, "original_title": title} for movie, user in keys]


def command(workspace, *args):
    binary = workspace.command()[0]
    return workspace.call([binary, *args, "--config-file-path", str(workspace.config)])


def told(workspace, *args, code: int = 0):
    done = command(workspace, *args, "--output", "json")
    assert done.code == code, done.err
    return done.json


def three_versions(workspace):
    """A day, another day, and the first day again with other rows."""
    workspace.write_day(rows((1, 1), (1, 2), (1, 3)))
    workspace.published()
    workspace.write_day(rows((1, 1), (2, 2)), day=NEXT)
    workspace.published(day=NEXT)
    workspace.write_day(rows((1, 2), title="Other") + rows((1, 3), (1, 4)))
    workspace.published()
    return workspace


def looks_at_it(workspace, *flags):
    """history, show and diff of three_versions()."""
    assert [one["version"] for one in told(workspace, "history")["versions"]] == [3, 2, 1, 0]
    assert sorted(row["user_id"] for row in told(workspace, "show", "--version", "1", *flags)["rows"]) == [1, 2, 3]
    asked = told(workspace, "show", "--sql", "SELECT count(*) AS n FROM movie_ratings_curated", *flags)
    assert asked["rows"] == [{"n": 5}]
    found = told(workspace, "diff", "1..3", *flags)
    assert (found["added"], found["removed"], found["changed"]) == (3, 1, 1)
    assert len(found["examples"]) == 5
    whole = told(workspace, "diff", "1..3", "--key", "none", *flags)
    assert (whole["added"], whole["removed"], whole["changed"]) == (4, 2, 0)


def looks_after_it(workspace, *flags):
    """restore, optimize and vacuum of three_versions()."""
    assert told(workspace, "restore", "--day", DAY, "--to-version", "1", *flags)["version"] == 4
    first = [(DAY, 1, "Title"), (DAY, 2, "Title"), (DAY, 3, "Title"), (NEXT, 1, "Title"), (NEXT, 2, "Title")]
    assert workspace.rows("run_date, user_id, original_title") == first
    assert [one["status"] for one in told(workspace, "optimize", "--cluster", *flags)["partitions"]] == ["optimized", "optimized"]
    assert told(workspace, "optimize", "--cluster", *flags)["partitions"] == []
    assert workspace.rows("run_date, user_id, original_title") == first and workspace.leftovers() == []
    report = told(workspace, "vacuum", "--older-than", "0s", "--force", "a test", "--apply")
    assert report["data_files"] == 3 and told(workspace, "history")["versions"][0]["operation"] == "VACUUM END"
    assert workspace.rows("run_date, user_id, original_title") == first
    done = command(workspace, "restore", "--day", DAY, "--to-version", "3", *flags)
    assert done.code == 3 and any(one["path"].rpartition("/")[2] in done.err for one in report["files"])
    workspace.published()
