"""A Hive metastore that the tests own, and ways to look into one and to play one, by Apache Thrift's own Python."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from owned import bound_to_parent, free_port

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("MOVIES_ETL_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "movies-etl"))
JARS = CACHE / "catalog-jars"
START = 240  # seconds until a metastore answers, on a busy machine

SITE = """<configuration>
  <property><name>javax.jdo.option.ConnectionURL</name><value>jdbc:derby:;databaseName={folder}/db;create=true</value></property>
  <property><name>datanucleus.schema.autoCreateAll</name><value>true</value></property>
  <property><name>metastore.schema.verification</name><value>false</value></property>
  <property><name>metastore.warehouse.dir</name><value>file:{folder}/warehouse</value></property>
  {more}
</configuration>
"""


class Metastore:
    """A server on a port and a Derby database that stay the same when it is stopped and started."""

    def __init__(self, folder: Path, more_jars: Path | None = None, **properties: str):
        self.folder = folder
        self.classes = f"{folder}:{JARS}/metastore/*" + (f":{more_jars}/*" if more_jars else "")
        self.port = free_port()
        self.uri = f"thrift://127.0.0.1:{self.port}"
        folder.mkdir(parents=True)
        more = "".join(f"<property><name>{name}</name><value>{value}</value></property>" for name, value in properties.items())
        (folder / "metastore-site.xml").write_text(SITE.format(folder=folder, more=more))
        self.process = None

    def start(self):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dderby.system.home={self.folder}", "-cp", self.classes,
                 "org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", str(self.port)],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=bound_to_parent,
            )  # fmt: skip
        deadline = time.monotonic() + START
        while socket.socket().connect_ex(("127.0.0.1", self.port)) != 0:
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.2)
        return self

    def stop(self):
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def protocol(folder: Path):
    """The Python modules that Thrift's compiler makes of the interface which the program is built with."""
    out = folder / "protocol"
    if not out.exists():
        out.mkdir()
        subprocess.run(["thrift", "--gen", "py", "-out", out, ROOT / "bridge/idl/hive_metastore.thrift"], check=True)
        sys.path.insert(0, str(out))
    from hive_metastore import ThriftHiveMetastore, ttypes

    return ThriftHiveMetastore, ttypes


@contextmanager
def client(folder: Path, port: int):
    from thrift.protocol.TBinaryProtocol import TBinaryProtocol
    from thrift.transport import TSocket, TTransport

    service, _ = protocol(folder)
    transport = TTransport.TBufferedTransport(TSocket.TSocket("127.0.0.1", port))
    transport.open()
    try:
        yield service.Client(TBinaryProtocol(transport))
    finally:
        transport.close()


@contextmanager
def played(folder: Path, **answers):
    """A metastore on a thread that answers each call as `answers` says, by the call's name: with a function's result."""
    from thrift.protocol.TBinaryProtocol import TBinaryProtocolFactory
    from thrift.server import TServer
    from thrift.transport import TSocket, TTransport

    service, _ = protocol(folder)

    class Handler:
        def __getattr__(self, name):
            return answers.get(name, lambda *_: [])

    port = free_port()
    server = TServer.TThreadedServer(
        service.Processor(Handler()), TSocket.TServerSocket("127.0.0.1", port), TTransport.TBufferedTransportFactory(),
        TBinaryProtocolFactory(), daemon=True,
    )  # fmt: skip
    threading.Thread(target=server.serve, daemon=True).start()
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        time.sleep(0.02)
    try:
        yield f"thrift://127.0.0.1:{port}"
    finally:
        server.serverTransport.close()


class Cut:
    """A way to a metastore that is cut for good after so many calls were answered."""

    def __init__(self, port: int, calls: int):
        self.port, self.left = port, calls
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"thrift://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while self.left > 0:
            near, _ = self.listener.accept()
            with near, socket.create_connection(("127.0.0.1", self.port)) as far:
                while self.left > 0 and (call := near.recv(1 << 16)):  # one flush of the program's is one call
                    far.sendall(call)
                    near.sendall(far.recv(1 << 20))
                    self.left -= 1
        self.listener.close()
