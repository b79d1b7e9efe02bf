"""What S3 refuses: the exit code, which action on which key, what to do; and no secret in anything that is written."""

import json
import re
import signal
import subprocess

import footers
import pytest
from interop.test_parallel_runs import DAY

from . import gateway


@pytest.fixture
def day(workspace):
    workspace.write_sql(DAY.format(tag=1, rows=100))
    return workspace


def refused(done, *texts, code=3):
    assert done.code == code, f"exit {done.code}: {done.err}"
    for text in texts:
        assert text in done.err, done.err
    assert "hint:" in done.err, done.err
    return done


def test_a_missing_bucket_of_the_raw_days(day):
    done = day.run("--set", "data.raw.location=s3://no-such-bucket/raw")
    refused(done, "no-such-bucket", "bucket")  # a mistake in the configuration: not a day that has not landed


def test_a_missing_bucket_of_the_warehouse(day):
    refused(day.run("--set", "data.curated.location=s3://no-such-bucket/warehouse"), "no-such-bucket", "bucket")


def test_a_day_that_has_not_landed(day):
    refused(day.run(day="2021-03-04"), f"s3://{day.bucket}/raw/2021/03/04", code=66)


def test_a_wrong_secret(day):
    day.secret = "mistyped"
    done = refused(day.run(), f"s3://{day.bucket}", "SignatureDoesNotMatch")
    assert "mistyped" not in done.out + done.err


def test_an_unknown_key(day):
    day.key = "mistyped"
    refused(day.run(), f"s3://{day.bucket}", "InvalidAccessKeyId")


def allow(workspace, *actions: str) -> None:
    """The account `guest` may do these on the bucket and its objects, and nothing else."""
    try:
        workspace.store.add_user("guest", "guestsecret")
    except subprocess.CalledProcessError:
        pass  # an earlier test added it
    places = [f"arn:aws:s3:::{workspace.bucket}", f"arn:aws:s3:::{workspace.bucket}/*"]
    of_buckets = [a for a in actions if "Bucket" in a]
    statements = [(of_buckets, places[0]), ([a for a in actions if a not in of_buckets], places[1])]
    policy = [{"Effect": "Allow", "Principal": {"AWS": ["guest"]}, "Action": what, "Resource": where} for what, where in statements if what]
    workspace.s3.put_bucket_policy(Bucket=workspace.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": policy}))
    workspace.key, workspace.secret = "guest", "guestsecret"


def test_no_right_to_list(day):
    allow(day, "s3:GetObject")
    refused(day.run(), "s3:ListBucket", f"s3://{day.bucket}")


def test_no_right_to_read(day):
    allow(day, "s3:ListBucket", "s3:PutObject")
    refused(day.run(), "s3:GetObject", f"s3://{day.bucket}/raw/2021/01/01/part-00000.parquet")


def test_no_right_to_write(day):
    allow(day, "s3:ListBucket", "s3:GetObject")
    refused(day.run(), "s3:PutObject", f"s3://{day.bucket}/warehouse")
    assert not day.table.exists()


RIGHTS = ("s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")


def test_the_rights_that_the_manual_lists_are_enough(day):
    allow(day, *RIGHTS)
    for _ in range(2):
        day.published()
    assert day.rows("count(*)") == [(100,)]
    assert day.leftovers() == []


def test_a_store_that_ignores_conditions_is_refused(day, proxy):
    proxy.unconditional = day.s3
    refused(day.through(proxy).run(), "conditional", "If-None-Match", f"s3://{day.bucket}", code=78)
    assert not day.table.exists()


def test_a_store_that_nobody_answers_for(day):
    day.endpoint = "http://127.0.0.1:9"
    day.write_config()
    refused(day.run(), "127.0.0.1:9")


def written_by(workspace) -> str:
    """All that the program left behind, as text: log, records, reports, leases."""
    return "".join(p.read_text(errors="replace") for p in workspace.root.rglob("*.json*"))


@pytest.mark.parametrize("where", ["variables", "secrets file", "flags"])
def test_secrets_stay_secret(day, where):
    day.secret = gateway.SECRET
    keys = {"access_key_id": gateway.KEY, "secret_access_key": gateway.SECRET}
    flags, environment = [], {}
    if where != "variables":
        environment = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    if where == "secrets file":
        lines = "".join(f"      {name}: {value}\n" for name, value in keys.items())
        (day.scratch / ".secrets.yaml").write_text(f"dynaconf_merge: true\ndevelopment:\n  storage:\n    s3:\n{lines}")
    if where == "flags":
        flags = [f"--set=storage.s3.{name}={value}" for name, value in keys.items()]
    done = day.run("--log-level", "debug", "--output", "json", *flags, env=environment)
    assert done.code == 0, done.err
    shown = day.call([*day.command(day=None)[:1], "config", "show", "--origin", "-c", str(day.config), *flags], env=environment)
    assert shown.code == 0, shown.err
    failed = day.run("--log-level", "debug", "--set", "data.raw.location=s3://no-such-bucket/raw", *flags, env=environment)
    assert failed.code != 0
    for text in (done.out, done.err, shown.out, shown.err, failed.out, failed.err, written_by(day)):
        assert gateway.SECRET not in text


BIG = DAY.format(tag=2, rows=2_000_000)


def killed_while_staging(workspace) -> list[str]:
    """A run of the second day that died with files staged; what it left."""
    workspace.write_sql(BIG, "2021-01-02")
    process = workspace.start_staging("--memory-limit", "300MB", day="2021-01-02")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    left = workspace.leftovers()
    assert any(name.endswith(".parquet") for name in left), "the kill must have come while files were staged"
    return left


def clean(workspace, *flags: str):
    return workspace.call([*workspace.command(day=None)[:1], "clean-staged", "-c", str(workspace.config), *flags])


def test_clean_staged_removes_what_a_killed_run_left_and_nothing_else(day):
    day.published()
    killed_while_staging(day)
    before = day.rows(), day.live_files()
    done = clean(day)
    assert done.code == 0, done.err
    assert day.leftovers() == []
    assert (day.rows(), day.live_files()) == before
    assert re.search(r"\d", done.out), "it says how many files went"


def test_clean_staged_leaves_a_living_run_alone(day):
    day.write_sql(BIG, "2021-01-02")
    process = day.start_staging("--memory-limit", "300MB", day="2021-01-02")
    assert clean(day).code == 0
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert day.rows("count(*)") == [(2_000_000,)]


@pytest.mark.parametrize("kind", footers.HARMFUL)
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_footer_that_would_take_the_reader_down(day, kind, command):
    path = day.day_folder() / "part-1.parquet"
    path.write_bytes(footers.harmful_file(kind))
    day.arrived(path)
    words = day.command()
    if command == "check":
        checks = day.scratch / "checks.yml"
        checks.write_text("checks for ratings:\n  - row_count >= 0\n")
        words = [words[0], "check", str(checks), "--config-file-path", str(day.config), "--dataset", f"ratings={day.location(path.parent)}"]
    told = footers.HARMFUL[kind][1]
    refused(day.call(words), f"{day.location(path)}: not a readable Parquet file: its footer claims", told)
