"""A Kafka broker that the tests own, and ways to fill its topics, by confluent-kafka."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from owned import bound_to_parent, free_port

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("MOVIES_ETL_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "movies-etl"))
JARS = CACHE / "kafka-jars"
PACKAGES = next(iter(CACHE.glob("venv-feed/lib/python3*/site-packages")), None)
START = 120  # seconds until a broker answers, on a busy machine

if PACKAGES is not None:
    sys.path.append(str(PACKAGES))


class Broker:
    """A broker on a port and with topics that stay the same when it is stopped and started."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.variables = {"KAFKA_PORT": str(self.port), "KAFKA_CONTROLLER_PORT": str(free_port()), "KAFKA_STATE": str(folder)}
        self.process = None

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [ROOT / "scripts/kafka.sh", "run"], env={**os.environ, **self.variables},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=bound_to_parent,
            )  # fmt: skip
        deadline = time.monotonic() + START
        while b"Kafka Server started" not in (self.folder / "log").read_bytes():
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)
        return self

    def stop(self):
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def create(self, topic: str, partitions: int = 1, **settings: str):
        from confluent_kafka.admin import AdminClient, NewTopic

        admin = AdminClient({"bootstrap.servers": self.address})
        admin.create_topics([NewTopic(topic, partitions, 1, config={k.replace("_", "."): v for k, v in settings.items()})])[topic].result(60)

    def producer(self, **settings):
        from confluent_kafka import Producer

        return Producer({"bootstrap.servers": self.address, "linger.ms": 5, **settings})

    def send(self, topic: str, values, partition: int = 0, **settings):
        """Values in this order; the offset of each."""
        producer, offsets = self.producer(**settings), []

        def arrived(error, message):
            assert error is None, error
            offsets.append(message.offset())

        for value in values:
            producer.produce(topic, value=value, partition=partition, on_delivery=arrived)
            producer.poll(0)
        assert producer.flush(60) == 0
        return offsets
