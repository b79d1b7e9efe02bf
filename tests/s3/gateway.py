"""A real S3 server for the tests: versitygw over a folder, whose files a test may look at without any S3 client."""

import os
import socket
import subprocess
import time
from pathlib import Path

import boto3
from botocore.config import Config
from owned import bound_to_parent, free_port

VERSION = "1.8.0"
CACHE = Path(os.environ.get("MOVIES_ETL_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "movies-etl"))
HADOOP_JARS = CACHE / "hadoop-jars"
BINARY = CACHE / f"versitygw-{VERSION}" / "versitygw"
KEY, SECRET, REGION = "test", "testsecret", "us-east-1"
START_SECONDS = 20


class Gateway:
    """The running server. `data` holds a folder a bucket; accounts other than the root's come from `add_user`. With a folder of
    certificates it speaks TLS."""

    def __init__(self, folder: Path, certificates: Path | None = None):
        self.data = folder / "data"
        self.log = folder / "log"
        for name in ("data", "side", "iam"):
            (folder / name).mkdir(parents=True)
        self.port = free_port()
        self.endpoint = f"http{'s' if certificates else ''}://127.0.0.1:{self.port}"
        self.authority = certificates and str(certificates / "ca.pem")
        tls = ["--cert", certificates / "server.pem", "--key", certificates / "server.key"] if certificates else []
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [BINARY, "-q", "--keep-alive", "--port", f"127.0.0.1:{self.port}", "--iam-dir", folder / "iam", *tls,
                 "posix", "--sidecar", folder / "side", self.data],
                env={"PATH": os.environ["PATH"], "ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, preexec_fn=bound_to_parent,
            )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"versitygw did not start: {self.log.read_text()[-1000:]}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def hadoop(self) -> dict[str, str]:
        """How Hadoop reaches it, with the jars of pom.xml on the class path."""
        return {
            "fs.s3a.endpoint": self.endpoint,
            "fs.s3a.endpoint.region": REGION,
            "fs.s3a.path.style.access": "true",
            "fs.s3a.connection.ssl.enabled": "false",
            "fs.s3a.aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
            "fs.s3a.directory.marker.retention": "keep",  # the server's folders: it removes none that is not empty
            "fs.s3a.access.key": KEY,
            "fs.s3a.secret.key": SECRET,
        }

    def client(self, key: str = KEY, secret: str = SECRET, endpoint: str | None = None):
        """An S3 client that is not the program's."""
        return boto3.client(
            "s3", endpoint_url=endpoint or self.endpoint, verify=self.authority, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )  # fmt: skip

    def add_user(self, key: str, secret: str) -> None:
        """An account without any rights of its own; a bucket's policy may give it some."""
        subprocess.run(
            [BINARY, "admin", "--access", KEY, "--secret", SECRET, "--endpoint-url", self.endpoint,
             "create-user", "--access", key, "--secret", secret, "--role", "user"],
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip
