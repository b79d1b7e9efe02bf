"""The tests' own parts, proved without the program: the server keeps its promises, and each fault does what its name says."""

from concurrent.futures import ThreadPoolExecutor

import pyarrow as arrow
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from deltalake import DeltaTable, write_deltalake

from . import gateway
from .proxy import Plan, kind_of


def refused(call, **arguments) -> str:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_one_of_many_conditional_puts_wins(store, bucket):
    client = store.client()
    client.create_bucket(Bucket=bucket)

    def put(number: int) -> bool:
        try:
            client.put_object(Bucket=bucket, Key="probe", Body=b"%d" % number, IfNoneMatch="*")
        except ClientError:
            return False
        return True

    for _ in range(10):
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(put, range(8))) == 1
        client.delete_object(Bucket=bucket, Key="probe")


def test_rights_and_keys_are_checked(store, bucket):
    client = store.client()
    client.create_bucket(Bucket=bucket)
    store.add_user("nobody", "nobodysecret")
    assert refused(store.client("nobody", "nobodysecret").list_objects_v2, Bucket=bucket) == "AccessDenied"
    assert refused(store.client(secret="wrong").list_objects_v2, Bucket=bucket) == "SignatureDoesNotMatch"
    assert refused(client.list_objects_v2, Bucket="no-such-bucket") == "NoSuchBucket"


@pytest.fixture
def between(store, bucket, proxy):
    """A client that goes through the proxy."""
    client = store.client(endpoint=proxy.endpoint)
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="kept", Body=b"0123456789" * 100)
    proxy.clear()
    return client


@pytest.mark.parametrize("fault, status", [("500", 500), ("503", 503), ("429", 429)])
def test_a_refusal_does_nothing(between, bucket, proxy, fault, status):
    proxy.fault = lambda request: fault
    with pytest.raises(ClientError) as error:
        between.put_object(Bucket=bucket, Key="new", Body=b"x")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    proxy.fault = lambda request: None
    assert [o["Key"] for o in between.list_objects_v2(Bucket=bucket)["Contents"]] == ["kept"]


@pytest.mark.parametrize("fault, there", [("drop", False), ("lost", True)])
def test_a_dropped_put_is_not_done_and_a_lost_answer_is(between, bucket, proxy, fault, there):
    proxy.fault = lambda request: fault
    with pytest.raises(BotoCoreError):
        between.put_object(Bucket=bucket, Key="new", Body=b"x")
    proxy.fault = lambda request: None
    assert ("new" in [o["Key"] for o in between.list_objects_v2(Bucket=bucket)["Contents"]]) is there


def test_a_truncated_answer_stops_halfway(between, bucket, proxy):
    proxy.fault = lambda request: "truncate"
    with pytest.raises(BotoCoreError):
        between.get_object(Bucket=bucket, Key="kept")["Body"].read()


def test_a_delayed_answer_is_whole(between, bucket, proxy):
    proxy.fault = lambda request: "delay"
    assert len(between.get_object(Bucket=bucket, Key="kept")["Body"].read()) == 1000


def test_a_store_without_conditions_can_be_played(store, between, bucket, proxy):
    assert refused(between.put_object, Bucket=bucket, Key="kept", Body=b"x", IfNoneMatch="*") == "PreconditionFailed"
    proxy.unconditional = store.client()
    between.put_object(Bucket=bucket, Key="kept", Body=b"x", IfNoneMatch="*")
    assert between.get_object(Bucket=bucket, Key="kept")["Body"].read() == b"x"


def test_another_writer_of_delta_goes_through_the_proxy(store, bucket, proxy):
    store.client().create_bucket(Bucket=bucket)
    options = {"aws_endpoint": proxy.endpoint, "aws_region": gateway.REGION, "aws_access_key_id": gateway.KEY}
    options |= {"aws_secret_access_key": gateway.SECRET, "aws_allow_http": "true", "conditional_put": "etag"}
    for number in range(2):
        write_deltalake(f"s3://{bucket}/table", arrow.table({"a": [number]}), mode="append", storage_options=options)
    assert DeltaTable(f"s3://{bucket}/table", storage_options=options).to_pyarrow_table()["a"].to_pylist() == [1, 0]
    assert proxy.counts()["PUT log entry"] == 2


def test_the_same_seed_plans_the_same_faults():
    assert Plan(7, 40).at == Plan(7, 40).at
    assert len({str(Plan(seed, 40).at) for seed in range(1, 50)}) > 40


@pytest.mark.parametrize(
    "method, target, kind",
    [
        ("GET", "/b?list-type=2&prefix=w%2Ft%2F_delta_log%2F", "LIST log"),
        ("GET", "/b?list-type=2&prefix=raw%2F2021%2F01%2F01%2F", "LIST raw file"),
        ("GET", "/b/raw/2021/01/01/part-0.parquet", "GET raw file"),
        ("HEAD", "/b/w/t/run_date%3D2021-01-01/part-0.parquet", "HEAD data file"),
        ("PUT", "/b/w/t/_delta_log/00000000000000000001.json", "PUT log entry"),
        ("POST", "/b/w/t/run_date=2021-01-01/a.parquet?uploads=", "POST multipart data file"),
        ("PUT", "/b/w/t/run_date=2021-01-01/a.parquet?partNumber=1&uploadId=x", "PUT part data file"),
        ("GET", "/b/w/t/_delta_log/_last_checkpoint", "GET checkpoint hint"),
    ],
)
def test_requests_are_named_by_what_they_are_for(method, target, kind):
    assert kind_of(method, target) == kind
