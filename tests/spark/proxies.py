"""Proxies between the program and a server: one cuts its connections, one terminates TLS."""

import asyncio
import math
import random
import ssl
import subprocess
import threading
from pathlib import Path


class Proxy:
    """Hands on the bytes of TCP connections to a port of this machine, both ways; a context manager."""

    def __init__(self, target: int, tls: ssl.SSLContext | None = None):
        self.target, self.tls = target, tls
        self.port = 0
        self.server: asyncio.Server | None = None
        self.bytes = 0  # handed on so far
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"sc://127.0.0.1:{self.port}"

    def __enter__(self):
        self.thread.start()
        self.server = self.do(asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self.tls))
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self.do(self.end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    async def end(self) -> None:
        self.server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def limit(self) -> float:
        """Bytes after which the next connection is cut."""
        return math.inf

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:  # the server is gone
            writer.transport.abort()
            return
        left = [self.limit()]
        await asyncio.gather(self.pump(reader, far_writer, left), self.pump(far_reader, writer, left))

    async def pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, left: list[float]) -> None:
        """Ends the sink's connection when the source ends, and both when no bytes are left."""
        try:
            while left[0] > 0 and (data := await source.read(65536)):
                through = data if len(data) < left[0] else data[: int(left[0])]
                sink.write(through)
                await sink.drain()
                left[0] -= len(through)
                self.bytes += len(through)
        except OSError:  # one of the two ends is gone
            pass
        finally:
            sink.transport.abort()


class CuttingProxy(Proxy):
    """Cuts the first `cuts` connections, each after a seeded random number of bytes up to `longest`, small numbers more often."""

    def __init__(self, target: int, seed: int, longest: int, cuts: int):
        super().__init__(target)
        self.random, self.longest, self.cuts = random.Random(seed), longest, cuts
        self.done = 0

    def limit(self) -> float:
        if self.done >= self.cuts:
            return math.inf
        return int(math.exp(self.random.uniform(math.log(100), math.log(self.longest))))

    async def pump(self, source, sink, left) -> None:
        await super().pump(source, sink, left)
        if left[0] == 0:  # one of the two directions ran out: counted once
            left[0] = -1
            self.done += 1


class Authority:
    """A certificate authority of the test's own, by the openssl command."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        self.folder = folder
        self.file = folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN=Test CA {folder.name}",
                "-keyout", folder / "ca.key", "-out", self.file)  # fmt: skip

    def context(self, name: str) -> ssl.SSLContext:
        """A server's side of TLS for `name`, an entry of subjectAltName such as IP:127.0.0.1."""
        key, request, certificate = (self.folder / f"server.{kind}" for kind in ("key", "csr", "pem"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=server", "-keyout", key, "-out", request)
        extensions = self.folder / "extensions"
        extensions.write_text(f"subjectAltName={name}\n")
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.folder / "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", extensions, "-out", certificate)  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(["h2"])
        return context


def openssl(*arguments) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
