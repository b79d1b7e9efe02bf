"""What goes wrong with a server: the right exit code and text, the table as it was, nothing of ours left anywhere."""

import os
import signal
import subprocess
import time

import days
import pytest
from outcome import fingerprint, on
from proxies import Authority, CuttingProxy, Proxy
from servers import free_port, wait_for

BIG = 1_500_000  # rows that a server works on for some seconds
CUTS = 100


@pytest.fixture
def published(workspace):
    """A table with a day in it; the raw day then changes, so that a run that gets through would show."""
    workspace.write_day([{"movie_id": n, "user_id": 1} for n in range(50)])
    workspace.published()
    workspace.write_day([{"movie_id": n, "user_id": 2} for n in range(70)])
    return workspace


def intact(workspace, before: dict) -> None:
    assert fingerprint(workspace.table) == before
    assert workspace.leftovers() == []
    day = workspace.table / "run_date=2021-01-01"
    assert {path.name for path in day.rglob("*") if path.is_file()} == {path.rsplit("/", 1)[1] for path in workspace.live_files()}
    assert all(any(folder.iterdir()) for folder in day.rglob("*") if folder.is_dir()), "an empty folder is left"


def refused(workspace, *flags: str, code: int, texts: tuple[str, ...], env=None) -> None:
    before = fingerprint(workspace.table)
    done = workspace.run(*flags, env=env)
    assert done.code == code, done.err
    for text in texts:
        assert text.lower() in done.err.lower(), done.err
    intact(workspace, before)


def writing(workspace) -> bool:
    """Whether the server has begun to write Parquet that the table does not have yet."""
    live = {path.rsplit("/", 1)[1] for path in workspace.live_files()} if (workspace.table / "_delta_log").is_dir() else set()
    return any(path.name not in live for path in workspace.table.rglob("*.parquet") if "_delta_log" not in path.parts)


def started(workspace, *flags: str) -> subprocess.Popen:
    process = workspace.start(*flags)
    wait_for("the server to write", lambda: writing(workspace) or process.poll() is not None, every=0.01)
    assert process.poll() is None, process.communicate()[1]
    return process


def test_a_server_that_is_not_there(published):
    port = free_port()
    refused(published, *on(f"sc://127.0.0.1:{port}"), code=3, texts=(f"127.0.0.1:{port}", "hint"))


@pytest.mark.parametrize(
    "url, text",
    [
        ("127.0.0.1:15002", "sc://"),
        ("http://127.0.0.1", "sc://"),
        ("sc://", "host"),
        ("sc://127.0.0.1:port", "a port that is not a number"),
        ("sc://127.0.0.1/;use_ssl=maybe", "use_ssl"),
        ("sc://127.0.0.1/;use_sls=true", "Did you mean 'use_ssl'?"),
    ],
)
def test_a_remote_that_is_none(published, url, text):
    refused(published, *on(url), code=78, texts=("engine.spark.remote", text))


def test_no_remote_at_all(published):
    refused(published, "--engine", "spark", code=78, texts=("engine.spark.remote", "--spark-remote"))


def test_the_remote_from_a_variable(published, server, left_alone):
    done = published.run("--engine", "spark", env={"SPARK_REMOTE": server.url})
    assert done.code == 0, done.err
    assert published.rows("count(*), min(user_id)") == [(70, 2)]


def test_the_remote_from_the_file(published, server, left_alone):
    published.write_config(f"  engine:\n    name: spark\n    spark:\n      remote: {server.url}\n")
    assert "Spark" in published.published()["engine"]


def test_an_error_in_the_transform_shows_its_line(published, server, left_alone):
    published.own_pipelines()
    published.edit("transform.sql", "  budget,\n", "  budgt,\n")
    refused(published, *on(server.url), code=78, texts=("transform.sql", "budgt", "line 9"))


def test_an_error_while_the_transform_runs(published, server, left_alone):
    """A text that is not a number, found by the server in the middle of the write."""
    published.own_pipelines()
    published.edit("transform.sql", "  budget,\n", "  CAST(concat(original_title, 'x') AS bigint) AS budget,\n")
    refused(published, *on(server.url), code=3, texts=("Titlex", "line 9"))


def test_a_column_that_does_not_get_its_type(published, server, left_alone):
    """The cast is the run's own, on no line of the transform: the column is named."""
    published.own_pipelines()
    published.edit("transform.sql", "  budget,\n", "  original_title AS budget,\n")
    refused(published, *on(server.url), code=3, texts=("'Title'", "in CAST(`budget` AS bigint)"))


def test_a_wrong_token(published, guarded):
    texts = ("token", "SPARK_CONNECT_AUTHENTICATE_TOKEN")
    refused(published, *on(guarded.url), code=78, texts=texts)
    refused(published, *on(f"{guarded.url}/;use_ssl=false;token=wrong"), code=78, texts=texts)
    done = published.run(*on(guarded.url), "--log-level", "debug", env={"SPARK_CONNECT_AUTHENTICATE_TOKEN": guarded.token})
    assert done.code == 0, done.err
    told = done.out + done.err + "".join(path.read_text() for path in published.warehouse.rglob("*.json"))
    assert guarded.token not in told, "the token is a secret"
    guarded.assert_left_alone()


def test_tls(published, guarded, authority, tmp_path):
    """A front that ends TLS: trusted by the CA file alone; a stranger's certificate, or one for another name, is refused."""
    trust = ("--set", f"engine.spark.ca_file={authority.file}", "--set", f"engine.spark.token={guarded.token}")
    with Proxy(guarded.port, authority.context("DNS:elsewhere.test")) as front:
        refused(published, *on(f"{front.url}/;use_ssl=true", *trust), code=78, texts=("certificate",))
    with Proxy(guarded.port, Authority(tmp_path / "stranger").context("IP:127.0.0.1")) as front:
        refused(published, *on(f"{front.url}/;use_ssl=true", *trust), code=78, texts=("certificate",))
    with Proxy(guarded.port, authority.context("IP:127.0.0.1")) as front:
        refused(published, *on(f"{front.url}/;use_ssl=true", *trust[2:]), code=78, texts=("certificate", "engine.spark.ca_file"))
        done = published.run(*on(f"{front.url}/;use_ssl=true", *trust))
        assert done.code == 0, done.err
        assert front.bytes > 1000
    assert published.rows("count(*), min(user_id)") == [(70, 2)]
    guarded.assert_left_alone()


def test_a_hundred_cut_streams(workspace, server, left_alone):
    """Seeded cuts anywhere in a run's bytes. Each run takes its streams up again and ends well, with every row once."""
    days.write_seeded_day(workspace, 5, 1000)
    folder = workspace.own_pipelines()
    (folder / "checks.yaml").write_text("checks for ${table}:\n  - row_count > 0\n  - duplicate_count(movie_id, user_id) = 0\n")
    workspace.published()
    wanted = fingerprint(workspace.table)
    with Proxy(server.port) as whole:
        workspace.published(*on(whole.url))
    cuts = runs = 0
    while cuts < CUTS:
        with CuttingProxy(server.port, seed=runs, longest=whole.bytes, cuts=min(6, CUTS - cuts)) as proxy:
            done = workspace.run(*on(proxy.url))
            assert done.code == 0, f"run {runs}, {proxy.done} cuts: {done.err}"
        assert fingerprint(workspace.table) == wanted
        assert workspace.leftovers() == []
        cuts += proxy.done
        runs += 1
        assert runs < CUTS, f"only {cuts} cuts in {runs} runs"


def written_big(workspace, *flags: str) -> tuple[subprocess.Popen, dict]:
    """A run that replaces a small day by one that takes its time, begun to write; and the table before it."""
    days.write_big_day(workspace, 100, tag=1)
    workspace.published()
    before = fingerprint(workspace.table)
    days.write_big_day(workspace, BIG, tag=2)
    return started(workspace, *flags), before


def test_a_server_that_dies_while_it_writes_and_comes_back(workspace, guarded):
    """Killed in the middle: exit 3 and the old day. Back again: the next run cleans up and gets through."""
    secret = ("--set", f"engine.spark.token={guarded.token}")
    process, before = written_big(workspace, *on(guarded.url, *secret))
    guarded.kill()
    assert not guarded.owned.alive
    _, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    assert f"127.0.0.1:{guarded.port}" in err and "othing was published" in err
    assert fingerprint(workspace.table) == before
    guarded.start()
    days.write_big_day(workspace, 1000, tag=3)
    workspace.published(*on(guarded.url, *secret))
    assert workspace.rows("count(*), min(user_id), max(user_id)") == [(1000, 3, 3)]
    assert workspace.leftovers() == []
    guarded.assert_left_alone()


def test_a_server_that_restarts_under_a_run(workspace, guarded):
    """The new server knows nothing of the run's session: an error, never half a day."""
    secret = ("--set", f"engine.spark.token={guarded.token}")
    process, before = written_big(workspace, *on(guarded.url, *secret))
    process.send_signal(signal.SIGSTOP)
    guarded.kill()
    guarded.start()
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    intact(workspace, before)
    guarded.assert_left_alone()


@pytest.mark.skipif(os.geteuid() != 0, reason="LOUD: only root can mount a small file system; a full disk on the server was not tested")
def test_a_full_disk_on_the_server(workspace, server, left_alone):
    workspace.warehouse.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", workspace.warehouse], check=True)
    try:
        days.write_big_day(workspace, 100, tag=1)
        workspace.published()
        days.write_big_day(workspace, 300_000, tag=2)
        refused(workspace, *on(server.url), code=3, texts=(f"the Spark server at 127.0.0.1:{server.port}: No space left on device", "hint"))
    finally:
        # Lazily: Spark leaves the file open that it could not finish.
        subprocess.run(["umount", "--lazy", workspace.warehouse], check=True)


def test_an_interrupt_stops_the_server_too(workspace, server, left_alone):
    """Ctrl-C while the server writes: exit 130 at once, the operation is gone from the server, the files from the table."""
    process, before = written_big(workspace, *on(server.url))
    wait_for("the server's log to name the operation", lambda: server.operations()[1] > 0, 10)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "interrupted" in err
    server.assert_left_alone()
    time.sleep(1)  # a task that was still writing would write now
    intact(workspace, before)
