"""The suite's own parts, tried with a client that is not ours, so that a red test elsewhere is the engine's; and scripts/spark.sh."""

import os
import socket
import ssl
import subprocess
import textwrap

import pytest
from proxies import Authority, CuttingProxy, Proxy
from servers import PYTHON, ROOT, answers, free_port, spark_home


def client(url: str, body: str, **variables: str) -> subprocess.CompletedProcess:
    """Runs Python with a plain Spark Connect session `spark`."""
    script = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.remote(%r).getOrCreate()\n" % url
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    return subprocess.run(
        [PYTHON, "-W", "ignore", "-c", script + textwrap.dedent(body)], capture_output=True, text=True, timeout=240, env={**kept, **variables}
    )


def test_cuts_are_real_and_a_client_can_outlive_them(server):
    with CuttingProxy(server.port, seed=4, longest=30000, cuts=4) as proxy:
        done = client(f"{proxy.url}", "print(len(spark.range(5000).collect()))\nspark.stop()")
    assert done.stdout.strip() == "5000", done.stderr[-2000:]
    assert proxy.done > 1, "nothing was cut"
    server.assert_left_alone()


def test_a_session_that_stays_is_seen(server):
    """The eye that later tests trust: an open session shows, a closed one does not."""
    done = client(server.url, "print(spark.sql('SELECT 1').count())\nimport os\nos.sys.stdout.flush()\nos._exit(0)")
    assert done.stdout.strip() == "1", done.stderr[-2000:]
    (left,) = server.open_sessions()
    with pytest.raises(AssertionError):
        server.assert_left_alone()
    client(f"{server.url}/;session_id={left}", "spark.sql('SELECT 1').collect()\nspark.stop()")
    server.assert_left_alone()


def test_a_token_a_stranger_and_a_kill(guarded, authority, tmp_path):
    body = "print(spark.sql('SELECT 1').count())\nspark.stop()"
    refused = client(guarded.url, body)
    assert refused.returncode != 0 and "UNAUTHENTICATED" in refused.stderr.upper(), refused.stderr[-2000:]
    with Proxy(guarded.port, authority.context("IP:127.0.0.1")) as front:
        done = client(f"{front.url}/;use_ssl=true;token={guarded.token}", body, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=str(authority.file))
        assert done.stdout.strip() == "1", done.stderr[-2000:]
        stranger = ssl.create_default_context(cafile=Authority(tmp_path / "stranger").file)
        with pytest.raises(ssl.SSLCertVerificationError), socket.create_connection(("127.0.0.1", front.port)) as plain:
            stranger.wrap_socket(plain, server_hostname="127.0.0.1")
    guarded.kill()
    assert not guarded.owned.alive and not answers(guarded.port)
    guarded.start()
    assert answers(guarded.port)


def test_sail_answers(sail):
    done = client(sail.url, "print(spark.sql('SELECT 41 + 1').collect()[0][0])\nspark.stop()")
    assert done.stdout.strip() == "42", done.stderr[-2000:]


def test_a_cluster_runs_on_two_workers(cluster):
    body = "print(spark.range(0, 1000, 1, 8).selectExpr('sum(id)').collect()[0][0])\nspark.stop()"
    done = client(cluster.server.url, body)
    assert done.stdout.strip() == "499500", done.stderr[-2000:]
    assert cluster.alive_workers() == 2


def test_up_twice_and_down(tmp_path):
    """scripts/spark.sh: up, a second up, down; nothing runs afterwards, and only the log is left."""
    port = free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    variables = {**kept, "SPARK_HOME": str(spark_home()), "SPARK_PORT": str(port), "SPARK_STATE": str(tmp_path / "state"), "SPARK_MEMORY": "512m"}

    def call(command: str) -> subprocess.CompletedProcess:
        return subprocess.run([ROOT / "scripts/spark.sh", command], env=variables, capture_output=True, text=True, timeout=240)

    try:
        up = call("up")
        assert up.returncode == 0 and f"sc://127.0.0.1:{port}" in up.stdout, up.stderr
        assert answers(port)
        again = call("up")
        assert again.returncode == 0 and "runs already" in again.stdout
    finally:
        down = call("down")
    assert down.returncode == 0 and "ended" in down.stdout
    assert not answers(port)
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["log"]
    assert "nothing runs" in call("down").stdout
