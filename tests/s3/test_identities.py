"""Who the program is to the store: settings, variables, profile files, and the roles of a web identity, a container or an instance.

The services that hand out a role's keys are played here, with the answers that their manuals show; the keys are the store's real ones,
so a run that is published has used them.
"""

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from interop.test_parallel_runs import DAY

from . import gateway

LATER = "2099-01-01T00:00:00Z"
KEYS = {"AccessKeyId": gateway.KEY, "SecretAccessKey": gateway.SECRET, "Token": "a-session-token", "Expiration": LATER, "Code": "Success"}
ASSUMED = (
    '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>'
    f"<AccessKeyId>{gateway.KEY}</AccessKeyId><SecretAccessKey>{gateway.SECRET}</SecretAccessKey><SessionToken>a-session-token</SessionToken>"
    f"<Expiration>{LATER}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
)


@contextmanager
def serving(certificates: Path | None = None):
    """Metadata service, container credentials and STS at one address; `asked` holds the paths that were asked for, with what was sent."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(self.path + self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            text = {
                "/latest/api/token": "imds-token",
                "/latest/meta-data/iam/security-credentials/": "etl-role",
                "/latest/meta-data/iam/security-credentials/etl-role": json.dumps(KEYS),
                "/container": json.dumps(KEYS),
            }.get(self.path, ASSUMED)
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_PUT = do_POST = answer

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificates:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http{'s' if certificates else ''}://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def authority():
    with serving() as at:
        yield at


@pytest.fixture
def nobody(workspace):
    """A workspace whose environment names no identity, and an empty home."""
    workspace.write_sql(DAY.format(tag=1, rows=100))
    workspace.nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(workspace.scratch)}
    return workspace


def publishes(workspace, *flags: str, **variables: str) -> None:
    done = workspace.run(*flags, env={**workspace.nobody, **variables})
    assert done.code == 0, done.err
    assert workspace.rows("count(*)") == [(100,)]
    assert gateway.SECRET not in done.out + done.err


def presents_a_token(workspace, **variables: str) -> None:
    """The test server knows no session tokens and refuses them by name: what it refuses was asked for and sent."""
    done = workspace.run(env={**workspace.nobody, **variables})
    assert done.code == 3 and "(InvalidToken)" in done.err, done.err
    assert gateway.SECRET not in done.out + done.err


def profiles(workspace, name: str) -> None:
    folder = workspace.scratch / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text(f"[{name}]\naws_access_key_id = {gateway.KEY}\naws_secret_access_key = {gateway.SECRET}\n")
    (folder / "config").write_text(f"[{name if name == 'default' else 'profile ' + name}]\nregion = {gateway.REGION}\n")


def test_the_default_profile(nobody):
    profiles(nobody, "default")
    publishes(nobody)


def test_a_named_profile(nobody):
    profiles(nobody, "lake")
    publishes(nobody, AWS_PROFILE="lake")
    publishes(nobody, "--set", "storage.s3.profile=lake")
    done = nobody.run(env={**nobody.nobody, "AWS_PROFILE": "lakes"})
    assert done.code == 78 and "'lakes'" in done.err


def test_settings(nobody):
    publishes(nobody, f"--set=storage.s3.access_key_id={gateway.KEY}", f"--set=storage.s3.secret_access_key={gateway.SECRET}")


def test_half_an_identity_is_refused(nobody):
    done = nobody.run(env={**nobody.nobody, "AWS_ACCESS_KEY_ID": gateway.KEY})
    assert done.code == 78 and "no secret access key" in done.err


def test_the_role_of_an_instance(nobody, authority):
    address, asked = authority
    presents_a_token(nobody, AWS_EC2_METADATA_SERVICE_ENDPOINT=address)
    assert "/latest/meta-data/iam/security-credentials/etl-role" in asked


def test_the_role_of_a_container(nobody, authority):
    address, asked = authority
    token = nobody.scratch / "container-token"
    token.write_text("Bearer x")
    presents_a_token(nobody, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{address}/container", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))
    assert "/container" in asked


def test_nobody_hands_out_keys(nobody):
    done = nobody.run(env={**nobody.nobody, "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9"})
    assert done.code in (3, 78), done.err
    assert "credentials" in done.err and "AWS_" in done.err
