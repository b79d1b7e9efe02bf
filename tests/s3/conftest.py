"""The workspace of tests/conftest.py with its raw days and its warehouse on S3, so that the same tests run there."""

from pathlib import Path

import pytest
from conftest import BINARY as PROGRAM
from conftest import Workspace

from . import gateway
from .proxy import Proxy

pytest.register_assert_rewrite("cli.test_run", "interop.test_parallel_runs", "interop.test_readers")


class S3Workspace(Workspace):
    """A bucket. `root` is its folder in the store, so a test looks at objects as files; the program and other readers use S3."""

    def __init__(self, store: gateway.Gateway, bucket: str, scratch: Path):
        self.store = store
        self.bucket = bucket
        self.scratch = scratch
        self.endpoint = store.endpoint
        self.key, self.secret = gateway.KEY, gateway.SECRET
        self.s3 = store.client()
        self.s3.create_bucket(Bucket=bucket)
        super().__init__(store.data / bucket)
        self.config = scratch / "app_config.yaml"
        self.write_config()

    def location(self, path: Path) -> str:
        return f"s3://{self.bucket}/{path.relative_to(self.root)}"

    def path_of(self, location: str) -> Path:
        assert location.startswith(f"s3://{self.bucket}/"), location
        return self.root / location.removeprefix(f"s3://{self.bucket}/")

    def arrived(self, path: Path) -> Path:
        """A file that a test wrote into the store's folder becomes an object like any other."""
        self.s3.put_object(Bucket=self.bucket, Key=str(path.relative_to(self.root)), Body=path.read_bytes())
        return path

    def write_config(self, extra: str = "", **table: str) -> None:
        storage = f"  storage:\n    s3:\n      endpoint: {self.endpoint}\n      region: {gateway.REGION}\n      path_style: true\n      allow_http: true\n"
        super().write_config(storage + extra, **table)

    def through(self, proxy: Proxy) -> "S3Workspace":
        self.endpoint = proxy.endpoint
        self.write_config()
        return self

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {k: v for k, v in super().environment().items() if not k.startswith("AWS_")}
        keys = {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret, "AWS_EC2_METADATA_DISABLED": "true"}
        return {**kept, **keys, "TMPDIR": str(self.scratch), **variables}

    def delta(self, **options):
        """Straight to the store, past any proxy."""
        from deltalake import DeltaTable

        keys = {"aws_access_key_id": gateway.KEY, "aws_secret_access_key": gateway.SECRET, "aws_region": gateway.REGION}
        server = {"aws_endpoint": self.store.endpoint, "aws_allow_http": "true"}
        return DeltaTable(self.location(self.table), storage_options={**keys, **server}, **options)


def pytest_collection_modifyitems(items) -> None:
    if not gateway.BINARY.exists():
        reason = f"LOUD: no S3 server at {gateway.BINARY}: run scripts/setup.sh s3; nothing was tested on S3"
        for item in items:
            if "s3" in Path(item.fspath).parts:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    server = gateway.Gateway(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def proxy(store):
    between = Proxy(store.port)
    yield between
    between.stop()


@pytest.fixture
def bucket(store, request) -> str:
    """A name of its own for each test: letters, digits and hyphens, at most 63."""
    store.buckets = getattr(store, "buckets", 0) + 1
    return f"lake-{store.buckets}"


@pytest.fixture
def workspace(store, bucket, tmp_path) -> S3Workspace:
    assert PROGRAM.exists(), f"{PROGRAM} is not built: run make build"
    return S3Workspace(store, bucket, tmp_path)
