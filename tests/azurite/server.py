"""Azurite, Microsoft's own server of Azure's Blob service for tests, which this suite owns."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from azure.storage.blob import BlobServiceClient
from owned import bound_to_parent, free_port

CACHE = Path(os.environ.get("MOVIES_ETL_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "movies-etl"))
PROGRAM = CACHE / "azurite/node_modules/.bin/azurite-blob"
ACCOUNT = "ratings"
KEY = "bW92aWVzLWV0bCBtb3ZpZXMtZXRsIG1vdmllcy1ldGw="
START_SECONDS = 60


class Azurite:
    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}/{ACCOUNT}"
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--blobHost", "127.0.0.1", "--blobPort", str(self.port), "--location", folder / "data", "--silent",
                 "--skipApiVersionCheck", "--disableTelemetry"],
                env={"PATH": os.environ["PATH"], "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, preexec_fn=bound_to_parent,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while socket.socket().connect_ex(("127.0.0.1", self.port)) != 0:
            assert self.process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def client(self) -> BlobServiceClient:
        """A client that is not the program's."""
        return BlobServiceClient(self.endpoint, credential={"account_name": ACCOUNT, "account_key": KEY}, api_version="2021-08-06")
