"""One metastore for the suite; each test has a database of its own in it."""

import itertools
import shutil
from contextlib import contextmanager

import pytest

from . import metastore

NUMBERS = itertools.count(1)


def missing() -> str | None:
    """What the suite lacks, as a sentence; None when it can run."""
    if not (metastore.JARS / "complete").exists():
        return f"there is no metastore at {metastore.JARS}: run scripts/setup.sh catalog"
    if not shutil.which("java"):
        return "there is no java: run scripts/setup.sh catalog"
    return None


def pytest_collection_modifyitems(items):
    if lacking := missing():
        for item in items:
            if item.path.parent.name == "catalog":
                item.add_marker(pytest.mark.skip(reason=f"LOUD: {lacking}; this was not tested"))


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = metastore.Metastore(tmp_path_factory.mktemp("hive") / "metastore")
    try:
        yield server.start()
    finally:
        server.stop()


class Hive:
    """A workspace whose catalog is the metastore, and a look into that."""

    def __init__(self, workspace, server):
        self.workspace, self.server = workspace, server
        self.call_database(f"curated_{next(NUMBERS)}")

    def call_database(self, name: str):
        self.database = name
        self.name = f"{self.database}.movie_ratings"
        self.layout = self.workspace.warehouse / f"{self.database}.db" / "movie_ratings"
        self.use(self.server.uri)

    def use(self, uri: str):
        """Which metastore the program asks from now on."""
        self.workspace.table = self.layout
        self.workspace.write_config(f"  catalog:\n    kind: hive\n    hive:\n      uri: {uri}\n", table=self.name)

    @contextmanager
    def client(self):
        with metastore.client(self.server.folder, self.server.port) as client:
            yield client

    @property
    def types(self):
        return metastore.protocol(self.server.folder)[1]

    def registered(self):
        """The table as the metastore has it; None when it has none."""
        with self.client() as client:
            try:
                return client.get_table_req(self.types.GetTableRequest(self.database, "movie_ratings")).table
            except self.types.NoSuchObjectException:
                return None

    def columns(self) -> dict[str, str]:
        return {column.name: column.type for column in self.registered().sd.cols}

    def register(self, kind: str, provider: str | None, location):
        """What somebody else registered under the table's name before."""
        t = self.types
        serde = t.SerDeInfo(serializationLib="org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", parameters={"path": f"file:{location}"})
        storage = t.StorageDescriptor(cols=[t.FieldSchema("a", "bigint")], location=f"file:{location}", serdeInfo=serde, parameters={})
        properties = {"EXTERNAL": "TRUE"} if kind == "EXTERNAL_TABLE" else {}
        if provider:
            properties["spark.sql.sources.provider"] = provider
        table = t.Table(tableName="movie_ratings", dbName=self.database, sd=storage, partitionKeys=[], parameters=properties, tableType=kind)
        if kind == "VIRTUAL_VIEW":
            storage.location = None
            table.viewOriginalText = table.viewExpandedText = "select 1"
        with self.client() as client:
            client.create_database(t.Database(self.database, locationUri=f"file:{self.layout.parent}", parameters={}))
            client.create_table_with_environment_context(table, t.EnvironmentContext({}))


@pytest.fixture
def hive(workspace, server) -> Hive:
    return Hive(workspace, server)
