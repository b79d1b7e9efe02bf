"""Servers that observers are: of the web, which answer as told, and of mail."""

import contextlib
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class Received:
    method: str
    path: str
    headers: dict
    body: str

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Web:
    """What it received, and how it answers: by these codes in turn, the last of them for ever; 0 is no answer at all."""

    url: str = ""
    answers: list = field(default_factory=lambda: [200])
    received: list = field(default_factory=list)
    location: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def texts(self):
        return [one.json["text"] for one in self.received]

    def outcomes(self):
        return [one.json["outcome"] for one in self.received]


@contextlib.contextmanager
def web_server(certificate=None):
    web = Web()

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            web.received.append(Received(self.command, self.path, dict(self.headers.items()), body))
            code = web.answers.pop(0) if len(web.answers) > 1 else web.answers[0]
            if code == 0:
                web.released.wait(60)
                return
            self.send_response(code)
            if web.location:
                self.send_header("location", web.location)
            self.send_header("content-length", "4")
            self.end_headers()
            self.wfile.write(b"said")

        do_POST = do_PUT = do_GET = handle_any

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    web.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}/hooks/s3cret-path-0815"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield web
    finally:
        web.released.set()
        server.shutdown()
        server.server_close()


def make_certificate(folder):
    """Of an authority of its own, for 127.0.0.1."""
    certificate, key = folder / "server.pem", folder / "server.key"
    call = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run([*call, *names, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


@dataclass
class Mail:
    server: str = ""
    letters: list = field(default_factory=list)  # (from, to, text)
    users: list = field(default_factory=list)
    answer: str = "250 taken"
    seconds: float = 0


@contextlib.contextmanager
def mail_server(certificate=None):
    """With a certificate it wants STARTTLS and the user `robot` with the password `s3cret-letter`."""
    mail = Mail()

    class Handler:
        async def handle_DATA(self, _server, _session, envelope):
            time.sleep(mail.seconds)
            if mail.answer.startswith("250"):
                mail.letters.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
            return mail.answer

    def known(_server, _session, _envelope, _mechanism, data):
        mail.users.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"s3cret-letter")

    options = {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        options = {"tls_context": context, "require_starttls": True, "authenticator": known, "auth_required": True}
    with socket.socket() as free:  # the controller calls its server once, and does not find out a port of the system's choice
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port, **options)
    controller.start()
    mail.server = f"127.0.0.1:{port}"
    try:
        yield mail
    finally:
        controller.stop(no_assert=True)
