"""`observe:`: who is told of a run's outcome, once for each incident, and that none of them changes how the run ends."""

import json
import re

import pytest

from conftest import BINARY
from observers import mail_server, make_certificate, web_server

ROWS = [{"movie_id": 1, "user_id": 1}, {"movie_id": 2, "user_id": 1}]
SECRET = "s3cret-path-0815"


@pytest.fixture
def web():
    with web_server() as server:
        yield server


@pytest.fixture
def bad(workspace):
    """A day whose run fails."""
    path = workspace.write_day(ROWS)
    path.write_bytes(b"no Parquet")
    return workspace


def mended(workspace):
    workspace.write_day(ROWS)


def to(web, kind="webhook", *more):
    return ["--set", f"observe.{kind}.url={web.url}", *more]


def told_warnings(done):
    return [line for line in done.err.splitlines() if "is not told" in line]


def test_a_webhook_gets_the_outcome_of_a_run_that_failed(bad, web):
    done = bad.run(*to(web), "--log-format", "json")
    assert done.code == 3
    end = json.loads(done.err.splitlines()[-1])
    (one,) = web.received
    assert (one.method, one.headers["content-type"], one.path) == ("POST", "application/json", f"/hooks/{SECRET}")
    same = ["event", "status", "exit_code", "run_id", "pipeline", "execution_date", "version", "rows", "error", "cause", "hint"]
    assert {name: one.json[name] for name in same} == {name: end[name] for name in same}
    assert (one.json["outcome"], one.json["table"], one.json["environment"]) == ("failed", "default.movie_ratings_curated", "development")
    assert one.json["text"].startswith("bad_input: ") and "movies-etl run --execution-date 2021-01-01" in one.json["text"]


def test_an_incident_is_told_once_and_its_end_too(bad, web):
    for _ in range(2):
        assert bad.run(*to(web)).code == 3
    assert web.outcomes() == ["failed"]
    mended(bad)
    for _ in range(2):
        assert bad.run(*to(web)).code == 0
    assert web.outcomes() == ["failed", "recovered"]
    (bad.day_folder() / "part-00000.parquet").write_bytes(b"no Parquet")
    assert bad.run(*to(web)).code == 3
    mended(bad)
    assert bad.run(*to(web)).code == 0
    assert web.outcomes() == ["failed", "recovered"] * 2, "what fails anew is another incident"


def test_another_machine_knows_what_was_told(bad, web):
    assert bad.run(*to(web)).code == 3
    assert bad.run(*to(web), env={"XDG_STATE_HOME": str(bad.root / "elsewhere")}).code == 3
    assert len(web.received) == 1


def test_nobody_is_told_of_a_good_run_or_of_what_is_not_asked_for(workspace, web):
    workspace.write_day(ROWS)
    assert workspace.run(*to(web)).code == 0
    assert workspace.run(*to(web), day="2021-01-02").code == 66
    assert web.outcomes() == ["not_landed"]
    assert workspace.run(*to(web), "--set", "observe.notify.on=failed", day="2021-01-03").code == 66
    assert workspace.run(*to(web), "--set", "observe.notify.on=published").code == 0
    assert web.outcomes() == ["not_landed", "published"]
    assert workspace.run(*to(web), "--dry-run", day="2021-01-04").code == 66
    assert len(web.received) == 2


def test_days_with_the_same_outcome_are_one_message(workspace, web):
    workspace.write_day(ROWS, "2021-01-02")
    for day in ("2021-01-01", "2021-01-03"):
        workspace.write_day(ROWS, day).write_bytes(b"no Parquet")
    command = [str(BINARY), "backfill", "2021-01-01..2021-01-03", "-c", str(workspace.config), "--keep-going", *to(web)]
    assert workspace.call(command).code == 3
    (one,) = web.received
    assert sorted(one.json["execution_dates"]) == ["2021-01-01", "2021-01-03"] and "the same: 2021-01-0" in one.json["text"]


def test_slack_gets_a_text_in_which_nothing_is_a_sign_of_its_own(bad, web):
    text = "<{outcome}> & {pipeline}\n{version}\n{cause}"
    assert bad.run(*to(web, "slack"), "--set", f"observe.notify.text={text}").code == 3
    assert web.received[0].json == {"text": "movie_ratings 2021-01-01: failed\n&lt;failed&gt; &amp; movie_ratings\nbad_input"}


def test_teams_gets_a_card(bad, web):
    assert bad.run(*to(web, "teams")).code == 3
    message = web.received[0].json
    (card,) = message["attachments"]
    assert (message["type"], card["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    content = card["content"]
    assert (content["type"], content["version"]) == ("AdaptiveCard", "1.4")
    assert all(block["type"] == "TextBlock" for block in content["body"])
    assert content["body"][0]["text"] == "movie_ratings 2021-01-01: failed" and content["body"][1]["text"].startswith("bad_input: ")


@pytest.mark.parametrize(("answers", "tries", "says"), [([500], 3, "answers 500: said"), ([404], 1, "answers 404"), ([429, 200], 2, None), ([302], 1, "Redirects are not followed")])
def test_what_an_observer_answers_changes_nothing_of_the_run(bad, web, answers, tries, says):
    web.answers, web.location = answers, "http://127.0.0.1:9/elsewhere" if answers == [302] else ""
    done = bad.run(*to(web), "--log-format", "json")
    assert done.code == 3 and len(web.received) == tries
    assert json.loads(done.err.splitlines()[-1])["event"] == "outcome", "the outcome stays the last line"
    assert [says in line for line in told_warnings(done)] == ([True] if says else []), done.err
    assert SECRET not in done.err + done.out


def test_who_was_not_told_is_told_by_the_next_run(bad, web):
    web.answers = [404]
    assert bad.run(*to(web)).code == 3
    web.answers = [200]
    assert bad.run(*to(web)).code == 3
    assert len(web.received) == 2
    assert bad.run(*to(web)).code == 3
    assert len(web.received) == 2


def test_an_observer_that_does_not_answer_is_left_in_time(bad, web):
    web.answers = [0]
    done = bad.run(*to(web), "--set", "observe.timeout_seconds=1")
    assert done.code == 3 and len(web.received) == 1
    assert "no answer in time" in told_warnings(done)[0] and SECRET not in done.err


def test_an_observer_that_is_not_there(bad):
    done = bad.run("--set", f"observe.slack.url=http://127.0.0.1:9/{SECRET}")
    assert done.code == 3 and "cannot be reached" in told_warnings(done)[0] and SECRET not in done.err


def test_a_certificate_that_nobody_vouches_for_is_refused(bad, tmp_path):
    certificate = make_certificate(tmp_path)
    with web_server(certificate) as web:
        done = bad.run(*to(web))
        assert done.code == 3 and web.received == []
        assert "storage.ca_file" in told_warnings(done)[0]
        assert bad.run(*to(web), "--set", f"storage.ca_file={certificate[0]}").code == 3
        assert web.outcomes() == ["failed"]


def test_secrets_are_masked_in_what_others_are_told(bad, web):
    password = "s3cretvalue-4711"
    assert bad.run(*to(web), "--set", f"storage.s3.secret_access_key={password}", "--set", "storage.s3.access_key_id=AK", "--set", "observe.notify.text={pipeline} " + password).code == 3
    assert password not in web.received[0].body and web.texts() == ["movie_ratings ***"]


def test_a_store_that_is_down_is_told_of_once(workspace, web):
    workspace.write_day(ROWS)
    keys = {"storage.s3.endpoint": "http://127.0.0.1:9", "storage.s3.allow_http": "true", "storage.s3.access_key_id": "none", "storage.s3.secret_access_key": "none", "data.curated.location": "s3://nobody/warehouse"}
    flags = [word for key, value in keys.items() for word in ("--set", f"{key}={value}")]
    for _ in range(2):
        assert workspace.run(*to(web), *flags).code == 3
    assert web.outcomes() == ["failed"]


def mail_flags(mail, *more):
    settings = {"server": mail.server, "from": "Robot <robot@example.org>", "to": "night@example.org, day@example.org", "security": "none"}
    return [word for key, value in settings.items() for word in ("--set", f"observe.email.{key}={value}")] + list(more)


def test_a_letter(bad):
    with mail_server() as mail:
        for _ in range(2):
            assert bad.run(*mail_flags(mail)).code == 3
    ((sender, receivers, text),) = mail.letters
    assert (sender, receivers) == ("robot@example.org", ["night@example.org", "day@example.org"])
    assert "Subject: movie_ratings 2021-01-01: failed" in text and "From: Robot <robot@example.org>" in text or "Robot" in text
    assert "bad_input" in text


def test_a_letter_by_starttls_and_password(bad, tmp_path):
    certificate = make_certificate(tmp_path)
    secure = ["--set", "observe.email.security=starttls", "--set", "observe.email.user=robot", "--set", "observe.email.password=s3cret-letter"]
    with mail_server(certificate) as mail:
        done = bad.run(*mail_flags(mail, *secure))
        assert done.code == 3 and mail.users == [] and "storage.ca_file" in told_warnings(done)[0], done.err
        done = bad.run(*mail_flags(mail, *secure, "--set", f"storage.ca_file={certificate[0]}"))
    assert mail.users == [("robot", "s3cret-letter")] and len(mail.letters) == 1, done.err
    assert "s3cret-letter" not in done.err


@pytest.mark.parametrize(("answer", "says"), [("554 no", "refuses"), ("451 later", "cannot be reached")])
def test_a_letter_that_is_refused(bad, answer, says):
    with mail_server() as mail:
        mail.answer = answer
        done = bad.run(*mail_flags(mail))
    assert done.code == 3 and mail.letters == [] and says in told_warnings(done)[0] and answer.split()[1] in told_warnings(done)[0]


def test_a_server_of_mail_that_is_slow_is_left_in_time(bad):
    with mail_server() as mail:
        mail.seconds = 3
        done = bad.run(*mail_flags(mail, "--set", "observe.timeout_seconds=1"))
    assert done.code == 3 and "in time" in told_warnings(done)[0], done.err


def test_a_password_does_not_travel_readable(bad):
    with mail_server() as mail:
        done = bad.run(*mail_flags(mail, "--set", "observe.email.user=robot", "--set", "observe.email.password=s3cret-letter"))
    assert done.code == 3 and mail.letters == [] and "would travel readable" in told_warnings(done)[0]


def check(workspace, *flags):
    done = workspace.call([str(BINARY), "config", "check", "-c", str(workspace.config), *flags])
    return done


def test_config_check_looks_at_observers_and_tells_them_nothing(workspace, web):
    workspace.write_day(ROWS)
    with mail_server() as mail:
        done = check(workspace, *to(web), *mail_flags(mail), "--set", f"observe.prometheus.push_url={web.url}")
    assert done.code == 0 and web.received == [] and mail.letters == [], done.out + done.err
    assert re.search(r"observe\.webhook.*can be sent to", done.out) and re.search(r"observe\.email.*takes the connection", done.out)
    assert SECRET not in done.out + done.err


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["observe.slack.url=hooks.example.org/x"], "is no URL"),
        (["observe.slack.url=https://example.org/x", "observe.notify.on=failed,faild"], "'faild', which is no outcome"),
        (["observe.slack.url=https://example.org/x", "observe.notify.text={pipelin}"], "{pipelin}, which is no field"),
        (["observe.email.server=127.0.0.1"], "not HOST:PORT"),
        (["observe.email.server=127.0.0.1:9", "observe.email.from=robot@example.org", "observe.email.to=nobody"], "no address of mail"),
    ],
)
def test_config_check_says_what_is_wrong_with_an_observer(workspace, flags, says):
    workspace.write_day(ROWS)
    whole = [] if not flags[0].startswith("observe.email") or len(flags) > 1 else ["observe.email.from=a@example.org", "observe.email.to=b@example.org"]
    done = check(workspace, *[word for flag in flags + whole for word in ("--set", flag)])
    assert done.code != 0 and says in done.out + done.err, done.out + done.err


def test_a_push_gateway_gets_the_metrics(workspace, web):
    path = workspace.write_day(ROWS)
    gateway = ["--set", f"observe.prometheus.push_url={web.url}/"]
    assert workspace.run(*gateway).code == 0
    run, success = web.received
    assert (run.method, run.path) == ("PUT", f"/hooks/{SECRET}/metrics/job/movies_etl/pipeline/movie_ratings")
    labels = '{pipeline="movie_ratings",table="default.movie_ratings_curated"}'
    assert f"movies_etl_last_run_rows_written{labels} 2\n" in run.body and "last_success" not in run.body
    assert success.path.endswith("/metrics/job/movies_etl_success/pipeline/movie_ratings") and success.body.startswith("# HELP movies_etl_last_success")
    path.write_bytes(b"no Parquet")
    assert workspace.run(*gateway).code == 3
    assert len(web.received) == 3 and f"movies_etl_last_run_exit_code{labels} 3\n" in web.received[2].body
    web.answers = [400]
    done = workspace.run(*gateway)
    assert done.code == 3 and "Prometheus is not told of this run: answers 400: said" in done.err and SECRET not in done.err
