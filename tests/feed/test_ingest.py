"""What an ingest makes of a topic: every event in its day, once; what is no event put aside."""

import datetime
import json
import signal
import time
from decimal import Decimal

import pytest

from .conftest import COLUMNS, event


def waited(holds, process=None, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline and (process is None or process.poll() is None), process and process.communicate(timeout=30)[1]
        time.sleep(0.05)


def test_each_event_is_in_the_file_of_its_day_once(feed):
    feed.broker.create(feed.topic, partitions=2)
    feed.broker.send(feed.topic, [event(1), event(2, "2021-01-02"), event(3)], partition=0)
    feed.broker.send(feed.topic, [event(4, amount="12.30", tags=[{"k": "a", "v": 1}])], partition=1)
    told = feed.ingested()
    assert (told["events"], told["rejected"], told["files"]) == (4, 0, 3)
    assert [(p["next"], p["end"]) for p in told["partitions"]] == [(3, 3), (1, 1)]
    assert feed.files() == [
        f"2021/01/01/{feed.topic}-0-0-2.parquet", f"2021/01/01/{feed.topic}-1-0-0.parquet", f"2021/01/02/{feed.topic}-0-1-1.parquet",
    ]  # fmt: skip
    assert feed.rows("id, from_topic, from_partition, from_offset") == [(1, feed.topic, 0, 0), (2, feed.topic, 0, 1), (3, feed.topic, 0, 2), (4, feed.topic, 1, 0)]
    assert feed.rows('epoch("at"), note, amount, tags')[3] == (1609502400, "note 4", Decimal("12.30"), [{"k": "a", "v": 1}])
    # Nothing more came: nothing more is written. Then one more event does.
    assert feed.ingested()["files"] == 0
    feed.broker.send(feed.topic, [event(5)])
    assert feed.ingested()["events"] == 1
    assert sorted(feed.offsets()) == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)]
    assert not list((feed.workspace.raw / "_feed" / "staged").iterdir())


@pytest.mark.parametrize(
    ("zone", "unit", "column", "times", "days"),
    [
        ("UTC", None, "timestamp", ["2021-01-01 23:30:00+00", "2021-01-02 00:30:00+00"], ["01", "02"]),
        ("Europe/Berlin", None, "timestamp", ["2021-01-01 22:30:00+00", "2021-01-01 23:30:00+00"], ["01", "02"]),
        ("America/New_York", None, "timestamp_ntz", ["2021-01-01 23:30:00", "2021-01-02 00:30:00"], ["01", "02"]),
        ("Europe/Berlin", "s", "bigint", [1609540200, 1609543800], ["01", "02"]),
        ("UTC", "ms", "bigint", [1609545599999, 1609545600000], ["01", "02"]),
        ("UTC", None, "date", ["2021-01-01", "2021-01-02"], ["01", "02"]),
    ],
)
def test_the_day_is_that_of_the_event_in_the_zone(feed, zone, unit, column, times, days):
    feed.define({**COLUMNS, "at": column}, zone=zone, **({"event_time_unit": unit} if unit else {}))
    feed.broker.create(feed.topic)
    feed.broker.send(feed.topic, [json.dumps({"id": 1, "at": at}).encode() for at in times])
    feed.ingested()
    assert [name.split("/")[2] for name in feed.files()] == days


BAD = [
    (None, "it has no value"),
    (b"\xff\xfe", "it is not UTF-8"),
    (b'{"id": 1', "it is not JSON"),
    (b"[1]", "it is JSON, but no object"),
    (b'{"id": 1, "id": 2, "at": "2021-01-01 00:00:00+00"}', "a key stands twice in the object"),
    (event(1).replace(b'"id": 1', b'"id": 1.5'), "column 'id' is not of type bigint"),
    (event(1, amount="1.234"), "column 'amount' is not of type decimal(10,2)"),
    (event(1, tags=[{"k": "a", "v": "b"}]), "column 'tags' is not of type array<struct<k:string,v:bigint>>"),
    (event(1, tags=[{"k": "a", "v": 1.5}]), "column 'tags' is not of type"),
    (event(1, tags=5), "column 'tags' is not of type"),
    (b'{"id": 1}', "its time, in column 'at', tells no day"),
    (b'{"id": 1, "at": "2021-13-01"}', "column 'at' is not of type timestamp"),
]


def test_bad_messages_end_the_ingest_and_nothing_is_written(feed):
    feed.broker.create(feed.topic)
    feed.broker.send(feed.topic, [event(0), BAD[2][0]])
    done = feed.ingest()
    assert done.code == 3 and f"{feed.topic}-0, offset 1: it is not JSON" in done.err and "max_rejected" in done.err, done.err
    assert feed.files() == [] and '"id"' not in done.err


def test_bad_messages_are_put_aside_with_their_bytes_and_reasons(feed):
    feed.define(max_rejected=len(BAD))
    feed.broker.create(feed.topic)
    good = [event(100, tags=None, amount=None), event(101, unknown="x")]
    feed.broker.send(feed.topic, [good[0], *(value for value, _ in BAD), good[1]])
    told = feed.ingested()
    assert (told["events"], told["rejected"]) == (2, len(BAD))
    assert feed.rows("id") == [(100,), (101,)]
    aside = feed.rejected('"offset", value, reason')
    assert [(offset, value) for offset, value, _ in aside] == [(i + 1, value) for i, (value, _) in enumerate(BAD)]
    for (_, _, reason), (_, expected) in zip(aside, BAD, strict=True):
        assert expected in reason
    # They were read: they are not met again.
    assert feed.ingested()["rejected"] == 0


def test_what_was_aborted_is_not_read(feed):
    feed.broker.create(feed.topic)
    producer = feed.broker.producer(**{"transactional.id": feed.topic})
    producer.init_transactions(60)
    for number, commits in enumerate([True, False, True, False]):
        producer.begin_transaction()
        for i in range(3):
            producer.produce(feed.topic, event(10 * number + i), partition=0)
        producer.flush(60)
        producer.commit_transaction(60) if commits else producer.abort_transaction(60)
    told = feed.ingested()
    assert feed.rows("id") == [(0,), (1,), (2,), (20,), (21,), (22,)]
    assert told["partitions"][0]["next"] == told["partitions"][0]["end"] == 16  # each transaction ends with a record of its own
    assert feed.ingested()["files"] == 0


def test_an_open_transaction_is_waited_for(feed):
    feed.broker.create(feed.topic)
    producer = feed.broker.producer(**{"transactional.id": feed.topic})
    producer.init_transactions(60)
    producer.begin_transaction()
    producer.produce(feed.topic, event(1), partition=0)
    producer.flush(60)
    assert feed.ingested()["events"] == 0
    producer.commit_transaction(60)
    assert feed.ingested()["events"] == 1


def test_lost_offsets_are_an_error_until_they_are_left_out(feed):
    from confluent_kafka import TopicPartition
    from confluent_kafka.admin import AdminClient

    feed.broker.create(feed.topic)
    feed.broker.send(feed.topic, [event(i) for i in range(3)])
    assert feed.ingested()["events"] == 3
    feed.broker.send(feed.topic, [event(i) for i in range(3, 10)])
    admin = AdminClient({"bootstrap.servers": feed.broker.address})
    for deleted in admin.delete_records([TopicPartition(feed.topic, 0, 7)]).values():
        deleted.result(60)
    done = feed.ingest()
    assert done.code == 3 and "offsets 3 to 6 are lost" in done.err and "--skip-lost" in done.err, done.err
    assert feed.ingested("--skip-lost")["events"] == 3
    assert [offset for _, offset in feed.offsets()] == [0, 1, 2, 7, 8, 9]


def test_a_topic_that_was_made_again_is_an_error(feed):
    from confluent_kafka.admin import AdminClient

    feed.broker.create(feed.topic)
    feed.broker.send(feed.topic, [event(i) for i in range(3)])
    feed.ingested()
    admin = AdminClient({"bootstrap.servers": feed.broker.address})
    admin.delete_topics([feed.topic])[feed.topic].result(60)
    time.sleep(1)  # deleted in the background
    feed.broker.create(feed.topic)
    feed.broker.send(feed.topic, [event(7)])
    done = feed.ingest()
    assert done.code == 3 and "the next offset is 3, but the topic ends at 1" in done.err, done.err


def test_it_ends_with_a_day_of_the_brokers(feed):
    feed.broker.create(feed.topic)
    first, second = (int(datetime.datetime(2021, 1, day, 23, 59, tzinfo=datetime.timezone.utc).timestamp() * 1000) for day in (1, 2))
    producer = feed.broker.producer()
    for number, millis in enumerate([first, first, second]):
        producer.produce(feed.topic, event(number), partition=0, timestamp=millis)
    producer.flush(60)
    assert feed.ingested("--until", "2021-01-01")["events"] == 2
    assert feed.ingested("--until", "now")["events"] == 1


def test_a_small_roll_makes_many_files_of_the_same_events(feed):
    feed.define(roll={"bytes": "20kB"})
    feed.broker.create(feed.topic)
    feed.broker.send(feed.topic, [event(i) for i in range(5000)])
    told = feed.ingested("--max-rate", "20000")
    assert told["events"] == 5000 and told["files"] > 3
    assert [offset for _, offset in feed.offsets()] == list(range(5000))


def test_an_ingest_that_follows_writes_what_it_read_when_it_is_asked_to_end(feed):
    feed.broker.create(feed.topic)
    process = feed.start("--follow")
    feed.broker.send(feed.topic, [event(i) for i in range(100)])
    time.sleep(3)  # nothing tells from outside what it holds in memory
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert [offset for _, offset in feed.offsets()] == list(range(100)), told


def test_what_cannot_be_written_at_the_end_is_told(feed):
    feed.broker.create(feed.topic)
    feed.broker.send(feed.topic, [b"no JSON"])
    process = feed.start("--follow")
    time.sleep(4)
    process.terminate()
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130 and "what was read was not written: 1 bad messages" in told, told


def test_it_goes_on_when_the_broker_comes_back(feed):
    feed.define(roll={"every": "1s"})
    feed.broker.create(feed.topic)
    process = feed.start("--follow")
    try:
        feed.broker.send(feed.topic, [event(0)])
        waited(lambda: len(feed.files()) == 1, process)
        feed.broker.stop()
        time.sleep(2)
        feed.broker.start()
        feed.broker.send(feed.topic, [event(1)])
        waited(lambda: len(feed.files()) == 2, process)
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert feed.offsets() == [(0, 0), (0, 1)]


def test_who_comes_second_ends_with_a_conflict_and_writes_nothing(feed):
    feed.define(roll={"every": "8s"})
    feed.broker.create(feed.topic)
    feed.broker.send(feed.topic, [event(i) for i in range(10)])
    late = feed.start("--follow")
    time.sleep(4)
    late.send_signal(signal.SIGSTOP)  # it has read the events, and is too slow to write them
    assert feed.ingested()["events"] == 10
    late.send_signal(signal.SIGCONT)
    _, told = late.communicate(timeout=60)
    assert late.returncode == 75 and "another ingest has written the events from offset 0 on" in told, told
    assert [offset for _, offset in feed.offsets()] == list(range(10))
    feed.ingested()
    assert not list((feed.workspace.raw / "_feed" / "staged").iterdir())


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"topics": ["_hidden"]}, "files cannot be named after topic '_hidden'"),
        ({"topics": ["a/b"]}, "'a/b' is not a topic's name"),
        ({"event_time": "nowhere"}, "'feed.event_time' names 'nowhere', which is no column"),
        ({"event_time": "id"}, "say by feed.event_time_unit what it counts"),
        ({"event_time": "note"}, "names 'note', which is string"),
        ({"columns": {"x": "header"}}, "must be one of topic, partition, offset, timestamp, key, not 'header'"),
        ({"columns": {"id": "partition"}}, "'feed.columns.id' is int, but source.columns declares bigint"),
        ({"roll": {"bytes": "much"}}, "'feed.roll.bytes' is 'much', which is no size"),
        ({"kafka": {"group.id": "x"}}, "'feed.kafka.group.id' cannot be set"),
        ({"kafka": {"sasl.password": "${NOT_SET_AT_ALL}"}}, "the variable ${NOT_SET_AT_ALL} is not set"),
        ({"kafka": {"surely.unknown": "x"}}, "feed.kafka.surely.unknown: No such configuration property"),
        ({"kafka": {"security.protocol": "sasl_ssl"}}, "GSSAPI (Kerberos) is not in this program"),
        ({"zone": "Nowhere/Town"}, "'feed.zone' is 'Nowhere/Town', which is no time zone"),
        ({"topics": ["surely-unknown"]}, "'surely-unknown' cannot be read"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_cannot_be_is_told_with_its_place(feed, keys, told):
    feed.define(**keys)
    done = feed.ingest()
    assert done.code == 78 and told in done.err, done.err


def test_no_broker_is_an_error(feed):
    feed.define(brokers="127.0.0.1:1")
    done = feed.ingest()
    assert done.code == 3 and "no broker of feed.brokers answers" in done.err, done.err


def test_a_secret_is_never_shown(feed):
    feed.define(kafka={"sasl.password": "correct-horse", "sasl.mechanisms": "correct-horse"})
    done = feed.ingest()
    assert done.code == 78 and "correct-horse" not in done.err + done.out, done.err
