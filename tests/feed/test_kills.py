"""Whatever is killed when, a plain reader finds each committed event once, and no other."""

import os
import random
import signal
import subprocess
import time

import pytest

from .conftest import event

ROUNDS = int(os.environ.get("FEED_ROUNDS", "12"))
SEED = int(os.environ.get("FEED_SEED", "1"))


@pytest.mark.parametrize("call", ["fsync", "link", "unlink"])
def test_a_kill_at_each_step_of_writing(feed, call):
    """The process ends as it enters its first, second, third... such call; until it makes no more of them."""
    feed.broker.create(feed.topic, partitions=2)
    for partition in (0, 1):
        feed.broker.send(feed.topic, [event(i, f"2021-01-0{1 + i % 2}") for i in range(20)], partition=partition)
    kills = 0
    for number in range(1, 100):
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}", *feed.command()],
            env=feed.workspace.environment(), cwd=feed.workspace.root, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        offsets = feed.offsets()
        assert len(offsets) == len(set(offsets))
        if done.returncode == 0:
            break
        assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
        kills += 1
    assert kills >= 3, "the test no longer meets the steps"
    assert feed.offsets() == [(partition, offset) for partition in (0, 1) for offset in range(20)]
    feed.ingested()
    assert not list((feed.workspace.raw / "_feed" / "staged").iterdir())


def test_rounds_of_kills_and_aborted_transactions(feed):
    """Seeded: FEED_ROUNDS and FEED_SEED of the environment repeat or prolong it."""
    chance = random.Random(SEED)
    feed.define(roll={"bytes": "30kB", "every": "1s"})
    feed.broker.create(feed.topic, partitions=3)
    producer = feed.broker.producer(**{"transactional.id": feed.topic})
    producer.init_transactions(60)
    committed = []

    def produce():
        for _ in range(chance.randint(1, 4)):
            offsets = []
            producer.begin_transaction()
            for i in range(chance.randint(1, 400)):
                producer.produce(
                    feed.topic, event(i, f"2021-01-{chance.randint(1, 4):02}"), partition=chance.randrange(3),
                    on_delivery=lambda error, message: offsets.append((message.partition(), message.offset())),
                )  # fmt: skip
                producer.poll(0)
            assert producer.flush(60) == 0
            if chance.random() < 0.7:
                producer.commit_transaction(60)
                committed.extend(offsets)
            else:
                producer.abort_transaction(60)

    for number in range(ROUNDS):
        process = feed.start("--follow") if chance.random() < 0.5 else feed.start()
        produce()
        time.sleep(chance.uniform(0, 1.5))
        if chance.random() < 0.15:
            feed.broker.stop()
            feed.broker.start()
        process.send_signal(chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
        _, told = process.communicate(timeout=90)
        assert process.returncode in (-signal.SIGKILL, -signal.SIGTERM, 0, 130), f"round {number}: {told}"
        offsets = feed.offsets()
        assert len(offsets) == len(set(offsets)), f"round {number}: an event is there twice"
        assert set(offsets) <= set(committed), f"round {number}: an event is there that was not committed"
    feed.ingested()
    assert feed.offsets() == sorted(committed)
