"""Configurations as people write them, each by the real binary: slips, secrets that could be seen, what cannot be sent, and the habits of Dynaconf."""

import json
import os

import pytest
from conftest import BINARY

SECRET = "hunter2"
DATA = "{raw: {location: raw}, curated: {table: a.b, location: lake}}"
PLAIN = f"development:\n  data: {DATA}\n"


class Folder:
    def __init__(self, workspace):
        self.root = workspace.root
        self.workspace = workspace
        self.config = workspace.config
        workspace.write_day([{"movie_id": 1, "user_id": 1}])

    def call(self, command: str, *sets: str, env=None, **files: str):
        """`sets` are of --set; `files` by their names, with _ for a dot."""
        for name, text in files.items():
            path = {"local": "app_config.local.yaml", "secrets": ".secrets.yaml", "config": "app_config.yaml"}[name]
            (self.root / path).write_bytes(text.encode())
        flags = [word for text in sets for word in ("--set", text)]
        return self.workspace.call([str(BINARY), *command.split(), "-c", str(self.config), *flags], env=env)

    def show(self, *sets: str, env=None, environment=None, **files: str):
        """What a setting is; or the error, which is a matter of configuration."""
        done = self.call("config show --output json" + (f" --env {environment}" if environment else ""), *sets, env=env, **files)
        if done.code == 0:
            return {key: one["value"] for key, one in done.json["settings"].items()}
        assert done.code == 78, (done.code, done.err)
        return done.err


@pytest.fixture
def folder(workspace):
    return Folder(workspace)


# ---- YAML: a slip is never read as less than what stands there

SLIPS = {
    "double quote": ('development:\n  data:\n    raw: {location: "raw}\n', "never closed"),
    "single quote": ("development:\n  data:\n    raw: {location: 'raw}\n", "never closed"),
    "cut in a key": (PLAIN + "  engine", "not valid YAML"),
    "unknown tag": (PLAIN + "  engine: {threads: !int 4}\n", "tag"),
    "tab": (PLAIN + "  engine:\n\tthreads: 4\n", "tab"),
    "empty unknown key": (PLAIN + "  storage:\n    s3:\n      regoin:\n", "Did you mean 'storage.s3.region'?"),
    "empty unknown group": (PLAIN + "  storge: {}\n", "unknown key 'storge'"),
    "list in place of a group": (PLAIN + "  storage: [s3]\n", "storage"),
    "twice": (PLAIN + f"  data: {DATA}\n", "twice"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_slips_in_the_config_file(folder, name):
    text, told = SLIPS[name]
    err = folder.show(config=text)
    assert isinstance(err, str) and told in err and "app_config.yaml:" in err, err


CHECKS = {
    "name": 'checks for t:\n  - row_count > 0:\n      name: "rows\n  - row_count > 1000000\nchecks for u:\n  - row_count > 0\n',
    "filter": 'filter t [x]:\n  where: "movie_id > 0\nchecks for t [x]:\n  - row_count > 0\n',
    "key": "checks for t:\n  - row_count > 0:\n      nam\n",
    "tab": "checks for t:\n\t- row_count > 0\n",
    "tag": "checks for t:\n  - !check row_count > 0\n",
}


@pytest.mark.parametrize("name", CHECKS)
def test_slips_in_checks_of_any_dataset(folder, name):
    path = folder.root / "checks.yml"
    path.write_text(CHECKS[name])
    done = folder.workspace.call([str(BINARY), "check", str(path), "--dataset", f"t={folder.workspace.raw}/2021/01/01"])
    assert done.code == 3, done.out + done.err
    said = done.out + done.err
    assert "checks.yml:" in said and "there is no check" not in said.lower(), said


# ---- what cannot be sent is refused by its name, its value never shown

UNSENDABLE = {
    "engine.spark.token": [f"{SECRET}\n", f"{SECRET}\r", f"{SECRET}é", f"a\n{SECRET}", f"{SECRET}\0"],
    "engine.spark.remote": [
        f"sc://h/;token={SECRET}%0A", f"sc://h/;x-key={SECRET}%0A", f"sc://h/;token={SECRET}\n", f"sc://h/;x-key={SECRET}é", f"sc://ada:{SECRET}@h",
        f"sc://h:99999/;token={SECRET}", f"sc://h/;token={SECRET}%0D%0Ax: y", f"sc://h/;x-k%0Ay={SECRET}",
    ],
    "storage.s3.access_key_id": [f"{SECRET}\r", f"{SECRET}\n", f"{SECRET}é"],
    "storage.s3.secret_access_key": [f"{SECRET}\n"],
    "storage.s3.session_token": [f"{SECRET}\n", f"a\n{SECRET}"],
    "storage.azure.account_key": [f"{SECRET}\n"],
    "storage.azure.sas_token": [f"sig={SECRET}\n"],
    "storage.s3.endpoint": ["http://h:9000\n", "http://h:99999", "http://höst", "http://[::1", f"http://ada:{SECRET}@h", f"ada:{SECRET}@h:9000"],
    "storage.azure.endpoint": ["http://h\n", "https://höst:1", f"https://ada:{SECRET}@h"],
    "catalog.hive.uri": ["thrift://h:9083\n", "thrift://h:99999"],
}  # fmt: skip


@pytest.mark.parametrize(("key", "text"), [(key, text) for key, texts in UNSENDABLE.items() for text in texts])
@pytest.mark.parametrize("layer", ["flag", "variable", "file"])
def test_what_cannot_be_sent_is_refused_by_name(folder, key, text, layer):
    if "\0" in text and layer != "file":
        return  # no process can be given one
    extra = ["engine.name=spark"] if "spark" in key else ["catalog.kind=hive"] if "hive" in key else []
    env, files, sets = None, {}, extra
    if layer == "flag":
        sets = [*extra, f"{key}={text}"]
    elif layer == "variable":
        env = {"DYNACONF_" + key.upper().replace(".", "__"): text}
    else:
        nested = json.dumps(text)
        for part in reversed(key.split(".")):
            nested = f"{{{part}: {nested}}}"
        files = {"secrets": f"dynaconf_merge: true\ndevelopment: {nested}\n"}
    done = folder.call("run --execution-date 2021-01-01", *sets, env=env, **files)
    assert done.code == 78, (done.code, done.err)
    if key == "engine.spark.remote" and "this build has no Spark engine" in done.err:
        pytest.skip("LOUD: this build has no Spark engine, which reads the address; tests/unit/spark/remote_test.cpp does it without the program")
    assert key in done.err or key.split(".")[-1] in done.err, done.err
    assert SECRET not in done.err + done.out
    assert "panicked" not in done.err


FOREIGN = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"]


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("end", ["\n", "\r", "é"])
def test_variables_of_other_tools_too(folder, name, end):
    env = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "r", "AWS_EC2_METADATA_DISABLED": "true"}
    env[name] = ("http://127.0.0.1:1" if name == "AWS_ENDPOINT_URL" else SECRET) + end
    done = folder.call("run --execution-date 2021-01-01", "data.raw.location=s3://bucket/raw", env=env)
    assert done.code == 78 and name in done.err and SECRET not in done.err, done.err


# ---- masking: in the listing, in errors, in the summary, the record and the log

LOCATIONS = [
    f"https://ada:{SECRET}/x@host/x", f"https://ada:x@{SECRET}@host/x", f"s3://{SECRET}@host/x", f"az://c/x?sv=1&sig={SECRET}&se=2",
    f"s3://a/b,https://ada:{SECRET}@one,https://ada:{SECRET}@two", f"/lake/a,https://ada:{SECRET}@one", f"https://host/x?X-Amz-Signature={SECRET}", f"https://host/x;token={SECRET};token={SECRET}",
    f"HTTPS://ada:{SECRET}@host/x",
]  # fmt: skip


@pytest.mark.parametrize("text", LOCATIONS)
@pytest.mark.parametrize("key", ["data.raw.location", "data.curated.location"])
def test_secrets_in_locations(folder, key, text):
    for command in ["config show", "config show --output json", "run --execution-date 2021-01-01", "config check"]:
        done = folder.call(command, f"{key}={text}")
        assert SECRET not in done.out + done.err, (command, done.out + done.err)


REMOTES = [f"sc://h/;token={SECRET}", f"sc://h/;TOKEN={SECRET}", f"sc://h/;token=a;token={SECRET}", f"sc://h/;x-auth={SECRET}", f"sc://ada:{SECRET}@h", f"sc://h/;x-api-key={SECRET}"]


@pytest.mark.parametrize("text", REMOTES)
def test_secrets_in_the_address_of_spark(folder, text):
    for command in ["config show --output json", "run --engine spark --execution-date 2021-01-01"]:
        done = folder.call(command, f"engine.spark.remote={text}")
        assert SECRET not in done.out + done.err, (command, done.out + done.err)


@pytest.mark.parametrize("name", ["DB_PASS", "MYSQL_PWD", "AZURE_SAS", "MY_AUTH", "GH_PAT", "GOOGLE_CREDS", "DB_PASSWORD", "A_TOKEN", "X_SECRET", "DB_DSN", "db_pass"])
def test_templates_of_variables_whose_names_tell_a_secret(folder, name):
    template = f"@format /lake/{{env[{name}]}}"
    done = folder.call("config show", f"data.raw.location={template}", env={name: SECRET})
    assert done.code == 0 and "***" in done.out and SECRET not in done.out, done.out + done.err
    done = folder.call("run --execution-date 2021-01-01", f"data.raw.location={template}", env={name: SECRET})
    assert done.code == 66 and SECRET not in done.err, done.err


@pytest.mark.parametrize("text", [f"/x/{SECRET}", f"@format /x/{SECRET}", f"@format {{this.current_env}}/{SECRET}", f"@str /x/{SECRET}"])
def test_values_of_the_secrets_file(folder, text):
    secrets = f"dynaconf_merge: true\ndevelopment: {{data: {{curated: {{location: {json.dumps(text)}}}}}}}\n"
    done = folder.call("config show", secrets=secrets)
    assert done.code == 0 and SECRET not in done.out + done.err
    text = str(folder.root) + f"/{SECRET}-lake"
    secrets = f"dynaconf_merge: true\ndevelopment: {{data: {{curated: {{location: {json.dumps(text)}}}}}}}\n"
    done = folder.call("run --execution-date 2021-01-01 --log-level debug", secrets=secrets)
    assert done.code == 0, done.err
    written = [path.read_text() for kind in ("_runs/*.json", "_delta_log/*.json") for path in (folder.root / f"{SECRET}-lake").rglob(kind)]
    assert len(written) == 3, "the record, and two versions of the table: made, and written"
    for text in [done.out, done.err, *written]:
        assert SECRET not in text


def test_an_endpoint_in_the_error_of_a_connection(folder):
    env = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "r"}
    sets = ["data.raw.location=s3://bucket/raw", "storage.s3.endpoint=http://127.0.0.1:1", "storage.s3.allow_http=true"]
    done = folder.call("run --execution-date 2021-01-01", *sets, env=env)
    assert done.code == 3 and "127.0.0.1:1" in done.err and SECRET not in done.err, done.err


# ---- which environment, which layer

GLOBAL = f"global:\n  data: {DATA}\n"


def test_environments(folder):
    assert folder.show(config=GLOBAL)["data.curated.table"] == "a.b"
    assert folder.show(config=f"default:\n  data: {DATA}\nlive: {{}}\n", environment="staging")["data.curated.table"] == "a.b"
    env = {f"DYNACONF_DATA__{name}": text for name, text in [("RAW__LOCATION", "r"), ("CURATED__TABLE", "a.b"), ("CURATED__LOCATION", "c")]}
    assert folder.show(config="", env=env)["data.curated.table"] == "a.b"
    assert "Did you mean 'development'?" in folder.show(config=PLAIN, environment="developmnt")


def test_merging(folder):
    anchors = f"x-common: &common\n  data: {DATA}\ndevelopment:\n  <<: *common\n  engine: {{threads: 2}}\n"
    assert folder.show(config=anchors)["engine.threads"] == "2"
    value = "{dynaconf_merge=true, raw={location='mine'}}"
    shown = folder.show(config=PLAIN, env={"DYNACONF_DATA": value})
    assert shown["data.raw.location"].endswith("/mine") and shown["data.curated.table"] == "a.b"
    for replacing in ["{raw={location='mine'}}", "@json {\"raw\": {\"location\": \"mine\"}}"]:
        assert "@merge" in folder.show(config=PLAIN, env={"DYNACONF_DATA": replacing}), replacing
    local = "development:\n  storage: {s3: {dynaconf_merge: true, profile: q}}\n"
    shown = folder.show(config=PLAIN + "  storage: {s3: {region: r, profile: p}}\n", local=local)
    assert (shown["storage.s3.region"], shown["storage.s3.profile"]) == ("r", "q")


def test_blank_means_unset(folder):
    blank = "development:\n  data:\n    raw: {location: r}\n    curated:\n      table: a.b\n      location:\n"
    assert "leaves it empty" in folder.show(config=blank)
    assert folder.show(env={"DYNACONF_DATA__CURATED__LOCATION": "/v"})["data.curated.location"] == "/v"
    assert folder.show(local="dynaconf_merge: true\ndevelopment: {data: {curated: {location: /mine}}}\n")["data.curated.location"] == "/mine"


def test_all_missing_keys_at_once(folder):
    err = folder.show(config="development: {engine: {threads: 1}}\n")
    for key in ["data.raw.location", "data.curated.table", "data.curated.location"]:
        assert key in err, err


@pytest.mark.parametrize("name", ["app_config.yaml", ".secrets.yaml", "app_config.local.yaml"])
def test_links_to_nothing_and_in_loops(folder, name):
    path = folder.root / name
    path.unlink(missing_ok=True)
    path.symlink_to(folder.root / "nowhere")
    assert name in folder.show()
    path.unlink()
    path.symlink_to(folder.root / "b")
    (folder.root / "b").symlink_to(path)
    assert name in folder.show() and "Too many levels of symbolic links" in folder.show()


# ---- values

TYPED = [
    ("storage.s3.profile", "!!str 123", "123"), ("storage.s3.profile", "yes", "yes"), ("storage.s3.profile", "on", "on"), ("storage.s3.profile", "12:30", "12:30"),
    ("storage.s3.profile", "1e3", "1e3"), ("storage.s3.profile", "inf", "inf"), ("storage.s3.profile", "nan", "nan"), ("storage.s3.profile", "off", "off"),
    ("storage.s3.profile", "2021-01-01", "2021-01-01"), ("engine.threads", "0x2", "2"), ("engine.threads", "+4", "4"), ("engine.threads", "0_4", "4"),
    ("engine.threads", "!!int 4", "4"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "written", "shown"), TYPED)
def test_plain_values_of_a_file(folder, key, written, shown):
    nested = written
    for part in reversed(key.split(".")):
        nested = f"{{{part}: {nested}}}"
    assert folder.show(config=PLAIN + f"  {nested[1:-1]}\n")[key] == shown


@pytest.mark.parametrize("layer", ["flag", "variable"])
def test_numbers_and_booleans_as_variables(folder, layer):
    def given(key, text):
        return folder.show(f"{key}={text}") if layer == "flag" else folder.show(env={"DYNACONF_" + key.upper().replace(".", "__"): text})

    assert given("storage.s3.profile", "123456789012")["storage.s3.profile"] == "123456789012"
    assert "write '@str 2021'" in given("data.raw.location", "2021")
    assert given("data.raw.location", "@str 2021")["data.raw.location"].endswith("/2021")
    for word in ["yes", "no", "on", "off", "TRUE", "True", "1"]:
        shown = given("storage.s3.path_style", word)
        assert (isinstance(shown, dict) and shown["storage.s3.path_style"] in ("true", "false")) or "@bool" in shown, (word, shown)
    assert given("storage.s3.path_style", "@bool yes")["storage.s3.path_style"] == "true"
    assert given("engine.threads", "0x2")["engine.threads"] == "2"


SUGGESTED = {
    "curated.location": "data.curated.location", "data.location": "data.raw.location", "storage.s3.ca_file": "storage.ca_file",
    "spark.remote": "engine.spark.remote", "engine.remote": "engine.spark.remote", "s3.region": "storage.s3.region",
    "memory_limit": "engine.memory_limit", "data.raw.path": "data.raw.location", "DATA.RAW.LOCATON": "data.raw.location",
}  # fmt: skip


@pytest.mark.parametrize("wrong", SUGGESTED)
def test_suggestions_compare_by_words(folder, wrong):
    assert f"Did you mean '{SUGGESTED[wrong]}'?" in folder.show(f"{wrong}=x")


UNFILLED = ["$LAKE/x", "${LAKE}/x", "${LAKE:-a}/x", "%LAKE%/x", "{{ env.LAKE }}/x", "{{LAKE}}/x", "{env[LAKE]}/x", "@format {{env[LAKE]}}/x"]


@pytest.mark.parametrize("text", UNFILLED)
def test_locations_that_nothing_filled_in(folder, text):
    assert "'@format {env[LAKE]}/x'" in folder.show(f"data.raw.location={text}")


def test_templates(folder):
    (folder.root / "docker-secret").write_text("/from/file\n")
    config = PLAIN + "  storage: {s3: {profile: p}}\n"
    for template, wanted in {
        "@format /{this[storage][s3][profile]}/x": "/p/x",
        "@format /{this.current_env}/x": "/development/x",
        "@format /{this.STORAGE.S3.PROFILE}/x": "/p/x",
        "@format /{env[HERE]}/x": "/here/x",
        "@get no.thing /default": "/default",
        "@read_file docker-secret": "***",
        "@read_file nothing /other": "/other",
    }.items():
        shown = folder.show(f"data.raw.location={template}", config=config, env={"HERE": "here"})
        assert isinstance(shown, dict), (template, shown)
        assert shown["data.raw.location"] in (wanted, "/from/file" if "docker" in template else wanted), template
    assert "Set NOT_THERE" in folder.show("data.raw.location=@format {env[NOT_THERE]}/x", config=config)


@pytest.mark.parametrize(("size", "told"), [("1MB", "at least"), ("1", "at least"), ("-5GB", "is not a size"), ("1XB", "memory"), ("1e40GB", "memory")])
def test_memory_limits(folder, size, told):
    done = folder.call(f"run --execution-date 2021-01-01 --memory-limit={size}")
    assert done.code in (64, 78) and told in done.err and "raw file" not in done.err, done.err


def test_a_file_without_rights_is_named(folder):
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    folder.config.chmod(0)
    assert "app_config.yaml" in folder.show()
