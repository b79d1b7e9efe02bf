// What is wrong with a configuration, where, and what to do; and that no message or listing shows a secret.
#include "base/secrets.h"
#include "config/keys.h"
#include "fixture.h"

namespace metl::config {
namespace {

using Errors = ConfigFolder;

constexpr const char* kKnown =
    "Known keys: data.raw.location, data.curated.table, data.curated.location, catalog.kind, "
    "catalog.hive.uri, pipelines.location, checks.sensitive_columns, records.mode, retention.records, retention.samples, "
    "retention.spool, upkeep.optimize, upkeep.vacuum, upkeep.time_limit, observe.prometheus.folder, "
    "observe.prometheus.push_url, observe.notify.on, observe.notify.text, observe.webhook.url, observe.slack.url, "
    "observe.teams.url, observe.email.server, observe.email.security, observe.email.user, observe.email.password, "
    "observe.email.from, observe.email.to, observe.timeout_seconds, engine.name, engine.spark.remote, "
    "engine.spark.token, engine.spark.ca_file, "
    "engine.memory_limit, "
    "engine.threads, engine.temp_directory, write.target_file_size, write.compression, write.parquet_version, "
    "storage.s3.endpoint, "
    "storage.s3.region, storage.s3.path_style, storage.s3.allow_http, storage.s3.access_key_id, "
    "storage.s3.secret_access_key, storage.s3.session_token, storage.s3.profile, storage.azure.account_name, "
    "storage.azure.account_key, storage.azure.sas_token, storage.azure.endpoint, storage.gcs.service_account_file, "
    "storage.ca_file.";

TEST_F(Errors, MissingFile) {
  request_.file = path("nope.yaml");
  EXPECT_EQ(failure(), "Provided config file 'nope.yaml' does not exist | Name another one with --config-file-path.");
  request_.file = folder_.string();
  EXPECT_EQ(failure().substr(0, 11), "config file");
}

TEST_F(Errors, NotYaml) {
  write("app_config.yaml", "development:\n  data: [1, 2\n");
  EXPECT_THAT(failure(), testing::StartsWith("app_config.yaml:3:1: not valid YAML: "));
  write("app_config.yaml", "- a\n");
  EXPECT_EQ(failure(), "app_config.yaml:1:1: a config file is a mapping of environments | Start with 'development:'.");
  write("app_config.yaml", "development: 5\n");
  EXPECT_EQ(failure(),
            "app_config.yaml:1:14: 'development' must be a section of settings | At the top of the file stand "
            "environments; settings stand inside them.");
  write("app_config.yaml", "data:\n  raw: {location: x}\n");
  EXPECT_EQ(failure(),
            "app_config.yaml:1:1: 'data' stands outside an environment | Put it below 'default:' to have it in "
            "every environment.");
  write("app_config.yaml", "development:\n  data: {raw: {location: a, Location: b}}\n");
  EXPECT_EQ(failure(),
            "app_config.yaml:2:29: key 'data.raw.location' is set twice in this section | Names are read without "
            "regard to case.");
}

TEST_F(Errors, UnknownKeyInAnyEnvironment) {
  write("app_config.yaml", std::string(kSample) + "staging:\n  data:\n    raw:\n      loaction: x\n");
  EXPECT_EQ(failure(), "app_config.yaml:18:7: unknown key 'data.raw.loaction'. Did you mean 'data.raw.location'?");
}

TEST_F(Errors, UnknownVariableAndFlag) {
  request_.variables["DYNACONF_DATA__RAW__LOCATOIN"] = "x";
  EXPECT_EQ(
      failure(),
      "variable DYNACONF_DATA__RAW__LOCATOIN: unknown key 'data.raw.locatoin'. Did you mean 'data.raw.location'?");
  request_.variables = {
      {"DYNACONF_SOMETHING_FOR_DYNACONF", "x"}, {"SETTINGS_FILE_FOR_DYNACONF", "y"}, {"DYNACONFX", "z"}};
  EXPECT_EQ(failure(), "");
  request_.overrides = {{"zzz", "x", "--set"}};
  EXPECT_EQ(failure(), std::string("flag --set: unknown key 'zzz'. | ") + kKnown);
}

TEST_F(Errors, TwoVariablesForOneKey) {
  request_.variables = {{"DYNACONF_ENGINE__THREADS", "1"}, {"DYNACONF_engine__threads", "2"}};
  EXPECT_EQ(failure(), "variables DYNACONF_ENGINE__THREADS and DYNACONF_engine__threads both set 'engine.threads'");
}

TEST_F(Errors, WrongTypes) {
  const auto with = [&](const std::string& key, const std::string& text) {
    request_.overrides = {{key, text, "--set"}};
    return failure();
  };
  EXPECT_EQ(with("engine.threads", "many"),
            "flag --set: 'engine.threads' must be a whole number of at least 0, not the text 'many'");
  EXPECT_EQ(with("engine.threads", "-1"),
            "flag --set: 'engine.threads' must be a whole number of at least 0, not the whole number -1");
  EXPECT_EQ(with("engine.threads", "1.5"),
            "flag --set: 'engine.threads' must be a whole number of at least 0, not the number 1.5");
  EXPECT_EQ(with("engine.memory_limit", "big"),
            "flag --set: 'engine.memory_limit' must be a size of at least 32.0 MB, such as 512MB or 2GiB, not the text "
            "'big'");
  EXPECT_EQ(with("engine.memory_limit", "0"),
            "flag --set: 'engine.memory_limit' must be a size of at least 32.0 MB, such as 512MB or 2GiB, not the "
            "whole number "
            "0");
  EXPECT_EQ(with("write.compression", "gzip"),
            "flag --set: 'write.compression' must be one of snappy, zstd, not the text "
            "'gzip'");
  EXPECT_EQ(with("data.raw.location", "42"),
            "flag --set: 'data.raw.location' must be a path or a URL, not the whole number "
            "42 | Quote the value in a file; in a variable or a flag write '@str 42'.");
  EXPECT_EQ(with("data.raw.location", ""),
            "flag --set: 'data.raw.location' must be a path or a URL, not an empty text");
  EXPECT_EQ(with("data.raw.location", "[1]"), "flag --set: 'data.raw.location' must be a path or a URL, not a list");
  EXPECT_EQ(with("data.raw.location", "~/x"),
            "flag --set: 'data.raw.location' is ~/x: '~' in it was never filled in | "
            "Write the place itself. In a config file, '@format {env[NAME]}/raw' takes a variable of the environment.");
  EXPECT_EQ(with("data.curated.table", "ratings"),
            "flag --set: 'data.curated.table' must be a table's name, database.table, of letters, digits and '_', "
            "not the "
            "text 'ratings' | Without a database of its own a table belongs to 'default': write 'default.ratings'.");
  EXPECT_THAT(with("data.curated.table", "a.../b"), testing::HasSubstr("must be a table's name"));
  EXPECT_EQ(with("data.raw", "x"),
            "flag --set: 'data.raw' is a group of settings, not a value | Settings in it: data.raw.location.");
}

TEST_F(Errors, WrongTypeInAFileHasItsPosition) {
  write("app_config.yaml", std::string(kSample) + "staging:\n  engine:\n    threads: '4'\n");
  EXPECT_EQ(failure(),
            "app_config.yaml:17:14: 'engine.threads' must be a whole number of at least 0, not the text '4'");
  write("app_config.yaml", std::string(kSample) + "staging:\n  data:\n    raw:\n      location: '@int x'\n");
  EXPECT_EQ(failure(), "app_config.yaml:18:17: what follows @int is not a whole number");
}

TEST_F(Errors, MissingKeyNamesFileAndEnvironment) {
  write("app_config.yaml", "development:\n  data:\n    raw: {location: x}\n");
  EXPECT_EQ(failure(),
            "Key 'data.curated.table' not found in app_config.yaml, environment 'development'; nor "
            "'data.curated.location' | Set it there, as a variable, or with --set data.curated.table=...");
  write("app_config.yaml", kSample);
  try {
    loaded().get_string("data.nope");
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.message(), "Key 'data.nope' not found in " + request_.file + ", environment 'development'");
  }
}

using Secrets = ConfigFolder;

std::string shown(const Settings& settings, const std::string& key) {
  for (const auto& entry : settings.entries()) {
    if (entry.key == key) return entry.value;
  }
  return "not listed";
}

TEST_F(Secrets, OfTheSecretsFileAreMaskedButUsable) {
  write(".secrets.yaml", "dynaconf_merge: true\ndevelopment: {data: {raw: {location: s3://hidden}}}\n");
  EXPECT_EQ(shown(loaded(), "data.raw.location"), "***");
  EXPECT_EQ(loaded().path("data.raw.location"), "s3://hidden");
  write(".secrets.yaml", "dynaconf_merge: true\ndevelopment: {data: {raw: {location: '@format s3://hidden'}}}\n");
  EXPECT_EQ(shown(loaded(), "data.raw.location"), "***");
  // A template that names a secret is one.
  request_.overrides = {{"data.curated.location", "@format {this.data.raw.location}/x", "--set"}};
  EXPECT_EQ(shown(loaded(), "data.curated.location"), "***");
  request_.overrides = {{"data.curated.location", "@format {env[DB_PASSWORD]}", "--set"}};
  request_.variables["DB_PASSWORD"] = "hunter2";
  EXPECT_EQ(shown(loaded(), "data.curated.location"), "***");
}

TEST_F(Secrets, DoNotShowInErrors) {
  write(".secrets.yaml", "dynaconf_merge: true\ndevelopment: {data: {curated: {table: hunter2}}}\n");
  EXPECT_EQ(failure(),
            ".secrets.yaml:2:39: 'data.curated.table' must be a table's name, database.table, of letters, "
            "digits and '_', not the text '***'");
}

TEST_F(Secrets, InAUrlAreMasked) {
  request_.overrides = {{"engine.threads", "s3://user:pass@bucket", "--set"}};
  EXPECT_THAT(failure(), testing::EndsWith("not the text 's3://***@bucket'"));
  EXPECT_EQ(mask("s3://user:pass@bucket/x", false), "s3://***@bucket/x");
  EXPECT_EQ(mask("abfss://raw@account.dfs.core.windows.net/x", false), "abfss://raw@account.dfs.core.windows.net/x");
  EXPECT_EQ(mask("s3://bucket/a:b@c", false), "s3://bucket/a:b@c");
  EXPECT_EQ(mask("sc://host:15002/;token=hunter2;use_ssl=true", false), "sc://host:15002/;token=***;use_ssl=true");
  EXPECT_EQ(mask("sc://host:15002/;token=hunter2", false), "sc://host:15002/;token=***");
  EXPECT_EQ(mask("/plain", false), "/plain");
  EXPECT_EQ(mask("anything", true), "***");
}

TEST(Keys, NamesThatTellASecret) {
  for (const char* name :
       {"storage.secret_key", "DB_PASSWORD", "aws.session_token", "azure.account_key", "DB_PASS", "MYSQL_PWD",
        "AZURE_SAS", "GH_PAT", "MY_AUTH", "GOOGLE_CREDS", "API-KEY", "SIGNING_KEY", "DB_DSN"}) {
    EXPECT_TRUE(secrets::named(name)) << name;
  }
  for (const char* name : {"PWD", "HOME", "LAKE", "PATH", "AUTHOR", "KEY", "COMPASS", "PASSENGERS"}) {
    EXPECT_FALSE(secrets::named(name)) << name;
  }
  for (const auto& key : known_keys()) {
    if (key.secret && key.name.ends_with("url")) continue;  // an address may be one too, of which its name says nothing
    EXPECT_EQ(secrets::named(key.name), key.secret) << key.name;
  }
}

TEST(Keys, DefaultsFitTheirOwnKeys) {
  for (const auto& key : known_keys()) {
    if (!key.default_text) continue;
    EXPECT_NO_THROW(check_value(key, parse_toml_text(*key.default_text).value, false)) << key.name;
  }
}

}  // namespace
}  // namespace metl::config
