"""The workspace of tests/conftest.py with its raw days and its warehouse on Azure."""

import itertools
from pathlib import Path

import pytest
from conftest import Workspace

from . import server

pytest.register_assert_rewrite("interop.test_parallel_runs")
NUMBERS = itertools.count(1)


class AzureWorkspace(Workspace):
    """A container. What tests write below `root` is uploaded; the program and other readers know only the store."""

    def __init__(self, store: server.Azurite, root: Path):
        self.store, self.key = store, server.KEY
        self.container = f"lake-{next(NUMBERS)}"
        self.blobs = store.client().create_container(self.container)
        super().__init__(root)

    def location(self, path: Path) -> str:
        return f"az://{self.container}/{path.relative_to(self.root)}"

    def arrived(self, path: Path) -> Path:
        self.blobs.upload_blob(str(path.relative_to(self.root)), path.read_bytes(), overwrite=True)
        return path

    def write_config(self, extra: str = "", **table: str) -> None:
        access = f"account_name: {server.ACCOUNT}\n      account_key: {self.key}\n      endpoint: {self.store.endpoint}"
        super().write_config(f"  storage:\n    azure:\n      {access}\n{extra}", **table)

    def environment(self, **variables: str) -> dict[str, str]:
        return {k: v for k, v in super().environment(**variables).items() if not k.startswith("AZURE_")}

    def delta(self, **options):
        from deltalake import DeltaTable

        access = {"azure_storage_account_name": server.ACCOUNT, "azure_storage_account_key": server.KEY}
        place = {"azure_storage_endpoint": self.store.endpoint, "azure_allow_http": "true"}
        return DeltaTable(self.location(self.table), storage_options={**access, **place}, **options)

    def live_files(self, day: str | None = None) -> list[str]:
        return sorted(uri for uri in self.delta().file_uris() if day is None or f"run_date={day}/" in uri)

    def leftovers(self) -> list[str]:
        """Markers and files of the table that no version of it names."""
        names = list(self.blobs.list_blob_names())
        logs = [n for n in names if "/_delta_log/" in n and n.endswith(".json")]
        log = "".join(self.blobs.download_blob(name, encoding="utf-8").readall() for name in logs)
        data = [n for n in names if n.startswith("warehouse/movie_ratings_curated/") and n.endswith(".parquet") and "/_delta_log/" not in n]
        return [n for n in data if n.rsplit("/", 1)[1] not in log] + [n for n in names if "/_staging/" in n]


def pytest_collection_modifyitems(items) -> None:
    if not server.PROGRAM.exists():
        reason = f"LOUD: no Azurite at {server.PROGRAM}: run scripts/setup.sh azurite; nothing was tested on Azure"
        for item in items:
            if item.path.parent.name == "azurite":
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    running = server.Azurite(tmp_path_factory.mktemp("azure") / "server")
    yield running
    running.stop()


@pytest.fixture
def workspace(store, tmp_path) -> AzureWorkspace:
    return AzureWorkspace(store, tmp_path)
