"""One server of each kind for the whole suite, started when a test first asks for it, ended with the suite."""

from pathlib import Path

import pytest
from proxies import Authority
from servers import Cluster, ConnectServer, Sail, missing, without_engine

# For servers that live minutes: no compiling of what is not called often.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

# Defaults of a server that a run must not depend on: it sets what matters to it in its own session.
CONTRARY = (
    "spark.sql.shuffle.partitions=4",  # of small days: each task would open two hundred files for a shuffle
    "spark.sql.ansi.enabled=false",
    "spark.sql.caseSensitive=true",
    "spark.sql.parser.escapedStringLiterals=true",
    "spark.sql.session.timeZone=Asia/Kathmandu",
    f"spark.driver.extraJavaOptions={QUICK} -Duser.timezone=America/St_Johns",
)
STRICT = ("spark.sql.ansi.enabled=true", "spark.sql.session.timeZone=Pacific/Apia", f"spark.driver.extraJavaOptions={QUICK}")


def pytest_collection_modifyitems(items):
    """Without a server or without the engine a test is skipped, and says why. The suite's own parts need no engine."""
    server, engine = missing(), without_engine()
    for item in items:
        lacking = server or (engine if item.path.name != "test_servers_and_proxies.py" else None)
        if lacking and item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason=f"LOUD: {lacking}; this was not tested"))


@pytest.fixture(autouse=True)
def no_server_of_the_caller(monkeypatch):
    for name in ("SPARK_REMOTE", "SPARK_CONNECT_AUTHENTICATE_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def started(server):
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A local Spark Connect server. Tests leave it running."""
    yield from started(ConnectServer(tmp_path_factory.mktemp("spark") / "server", *CONTRARY))


@pytest.fixture(scope="session")
def second_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded") / "server"
    yield from started(ConnectServer(folder, *STRICT, token="only-for-tests", memory="768m"))


@pytest.fixture
def guarded(second_server):
    """A second one that wants a token; tests may kill it."""
    return second_server if second_server.owned.alive else second_server.start()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A standalone master, two workers, a Connect server."""
    yield from started(Cluster(tmp_path_factory.mktemp("cluster") / "cluster", *STRICT))


@pytest.fixture(scope="session")
def sail(tmp_path_factory):
    yield from started(Sail(tmp_path_factory.mktemp("sail") / "server"))


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority") / "ours")


@pytest.fixture
def left_alone(server):
    """After the test the shared server has no session and no operation of ours."""
    yield
    server.assert_left_alone()
