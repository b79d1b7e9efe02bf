"""A store behind TLS whose certificate an authority of one's own has signed, and an STS behind the same."""

import itertools
import subprocess

import pytest
from conftest import Workspace
from interop.test_parallel_runs import DAY

from . import gateway
from .conftest import S3Workspace
from .test_identities import nobody, presents_a_token, serving  # noqa: F401, nobody is a fixture


def openssl(folder, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """A folder with ca.pem, and server.pem and server.key for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("certificates")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(folder, "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=the tests' authority")
    openssl(folder, "req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    sign = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names")
    openssl(folder, "x509", "-req", "-in", "server.csr", "-out", "server.pem", "-days", "2", *sign)
    return folder


@pytest.fixture(scope="session")
def secure_store(tmp_path_factory, certificates):
    server = gateway.Gateway(tmp_path_factory.mktemp("s3-tls"), certificates)
    yield server
    server.stop()


class SecureWorkspace(S3Workspace):
    def delta(self, **options):
        """As the files of the store's folder: this is about the program's connections, not the other reader's."""
        return Workspace.delta(self, **options)


NUMBERS = itertools.count(1)


@pytest.fixture
def secure(secure_store, tmp_path) -> SecureWorkspace:
    workspace = SecureWorkspace(secure_store, f"secure-{next(NUMBERS)}", tmp_path)
    workspace.write_sql(DAY.format(tag=1, rows=100))
    return workspace


def test_the_setting_names_the_authority(secure, certificates):
    secure.write_config(f"    ca_file: {certificates}/ca.pem\n")
    for _ in range(2):
        secure.published()
    assert secure.rows("count(*), count(DISTINCT movie_id)") == [(100, 100)]
    assert secure.leftovers() == []


def test_the_variable_names_the_authority(secure, certificates):
    done = secure.run(env={"AWS_CA_BUNDLE": str(certificates / "ca.pem")})
    assert done.code == 0, done.err
    assert secure.rows("count(*)") == [(100,)]


def test_a_certificate_of_an_unknown_authority_is_refused(secure):
    done = secure.run()
    assert done.code == 3 and "certificate" in done.err and "storage.ca_file" in done.err, done.err
    assert not secure.table.exists()


def test_a_bundle_that_is_not_there_is_named(secure):
    done = secure.run("--set", "storage.ca_file=/nowhere/ca.pem")
    assert done.code in (3, 78) and "storage.ca_file /nowhere/ca.pem" in done.err, done.err


def test_a_web_identity(nobody, certificates):  # noqa: F811
    """The store's keys come from STS; the store refuses the session token by name, so it was asked for and sent."""
    token = nobody.scratch / "identity-token"
    token.write_text("an-identity-token")
    with serving(certificates) as (address, asked):
        presents_a_token(
            nobody,
            AWS_WEB_IDENTITY_TOKEN_FILE=str(token),
            AWS_ROLE_ARN="arn:aws:iam::1:role/etl",
            AWS_ENDPOINT_URL_STS=address,
            AWS_CA_BUNDLE=str(certificates / "ca.pem"),
        )
    assert asked and "an-identity-token" in asked[0]
