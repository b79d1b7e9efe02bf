"""A plain HTTP forwarder between the program and the store: counts requests by kind, and does on demand what networks do.

The client signs the proxy's own address as Host, and the proxy passes that on unchanged: the gateway verifies the signature against
the header it gets, so nothing has to be signed anew.
"""

import http.client
import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

DELAY_SECONDS = 0.3
REFUSALS = {"500": ("InternalError", "Internal Server Error"), "503": ("SlowDown", "Slow Down"), "429": ("TooManyRequests", "Too Many Requests")}
# drop: reset before the store hears of it. lost: the store did it, but the answer never arrives. truncate: half an answer.
FAULTS = ("drop", "delay", "truncate", "lost", *REFUSALS)

OBJECTS = (
    (r"_delta_log/_last_checkpoint$", "checkpoint hint"),
    (r"_delta_log/.*\.checkpoint", "checkpoint"),
    (r"_delta_log/[^/]*\.json$", "log entry"),
    (r"_delta_log", "log"),
    (r"/_staging", "lease"),
    (r"/_runs", "run record"),
    (r"/[a-z_]+=[^/]*(/.*)?$", "data file"),
    (r"/\d{4}/\d{2}(/.*)?$", "raw file"),
)


def kind_of(method: str, target: str) -> str:
    """What a request is for, as docs/storage.md counts them: `PUT log entry`, `LIST raw file`."""
    parts = urlsplit(target)
    path, query = unquote(parts.path), unquote(parts.query.replace("+", " "))
    verb = method
    if method == "GET" and ("list-type" in query or "prefix=" in query):
        verb, path = "LIST", re.sub(r".*prefix=([^&]*).*", r"/\1", query)
    elif "uploads" in query or "uploadId" in query or "partNumber" in query:
        verb = {"POST": "POST multipart", "PUT": "PUT part", "DELETE": "ABORT", "GET": "LIST parts"}[method]
    elif method == "POST" and "delete" in query:
        verb = "DELETE many"
    return f"{verb} {next((name for pattern, name in OBJECTS if re.search(pattern, path.rstrip('/'))), 'other')}"


@dataclass
class Request:
    number: int  # from 1, in order of arrival
    kind: str
    target: str
    conditional: bool  # a put that must not replace anything
    fault: str | None = None
    status: int = 0


class Plan:
    """Faults by seed: one to three single ones somewhere in the first `length` requests, or every seventh request of the whole run."""

    def __init__(self, seed: int, length: int):
        chance = random.Random(seed)
        self.chance = chance
        self.storm = 1 / 7 if seed % 5 == 0 else 0.0
        self.at = {chance.randint(1, length): chance.choice(FAULTS) for _ in range(chance.randint(1, 3))}

    def __call__(self, request: Request) -> str | None:
        if self.storm:
            return self.chance.choice(FAULTS) if self.chance.random() < self.storm else None
        return self.at.get(request.number)


class Proxy:
    """Runs until stop(). `fault` names what happens to a request, or None; it is asked for one request at a time."""

    def __init__(self, port: int):
        self.upstream = port
        self.fault = lambda request: None
        self.unconditional = None  # a client of the store: what a conditional put finds is deleted first, so that it always succeeds
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        proxy = self

        class Handler(Forwarder):
            owner = proxy

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def clear(self) -> None:
        with self.lock:
            self.requests = []

    def counts(self) -> Counter:
        with self.lock:
            return Counter(request.kind for request in self.requests)

    def seen(self, method: str, target: str, conditional: bool) -> Request:
        with self.lock:
            request = Request(len(self.requests) + 1, kind_of(method, target), target, conditional)
            request.fault = self.fault(request)
            self.requests.append(request)
            return request


class Forwarder(BaseHTTPRequestHandler):
    """One connection of a client, and one to the store beside it."""

    owner: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    store: http.client.HTTPConnection | None = None

    def forward(self) -> None:
        request = self.owner.seen(self.command, self.path, self.command == "PUT" and "If-None-Match" in self.headers)
        body = self.body()
        if request.fault == "drop":
            return self.reset()
        if request.fault in REFUSALS:
            request.status = int(request.fault)
            return self.refuse(request)
        if request.fault == "delay":
            time.sleep(DELAY_SECONDS)
        if request.conditional and self.owner.unconditional:
            bucket, key = unquote(urlsplit(self.path).path).lstrip("/").split("/", 1)
            self.owner.unconditional.delete_object(Bucket=bucket, Key=key)
        status, reason, headers, content = self.ask(body)
        request.status = status
        if request.fault == "lost" or (request.fault == "truncate" and not content):
            return self.reset()
        lines = [f"HTTP/1.1 {status} {reason}"] + [f"{name}: {value}" for name, value in headers]
        if request.fault == "truncate":
            content = content[: len(content) // 2]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + content)
        if request.fault == "truncate":
            self.reset()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = forward

    def body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def ask(self, body: bytes) -> tuple[int, str, list[tuple[str, str]], bytes]:
        if self.store is None:
            self.store = http.client.HTTPConnection("127.0.0.1", self.owner.upstream, timeout=60)
        self.store.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "transfer-encoding":
                self.store.putheader(name, value)
        if "Content-Length" not in self.headers and body:
            self.store.putheader("Content-Length", str(len(body)))
        self.store.endheaders(body or None)
        answer = self.store.getresponse()
        content = answer.read()
        headers = [(n, v) for n, v in answer.getheaders() if n.lower() not in ("transfer-encoding", "connection")]
        if "content-length" not in {n.lower() for n, _ in headers}:
            headers.append(("Content-Length", str(len(content))))
        if answer.will_close:
            self.store = None
        return answer.status, answer.reason, headers, content

    def refuse(self, request: Request) -> None:
        code, reason = REFUSALS[request.fault]
        text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>by the fault proxy</Message></Error>'.encode()
        head = f"HTTP/1.1 {request.fault} {reason}\r\nContent-Type: application/xml\r\nContent-Length: {len(text)}\r\n\r\n"
        self.wfile.write(head.encode() + (b"" if self.command == "HEAD" else text))

    def reset(self) -> None:
        """Ends the connection as a crash does: the client gets a reset, not an end of file."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, *_) -> None:
        pass
