// Configurations as people write them at the edges: what loads, and what is refused with what to write instead.
#include <filesystem>

#include "fixture.h"

namespace metl::config {
namespace {

using testing::HasSubstr;

class Edges : public ConfigFolder {
 protected:
  std::string value(const std::string& key) const { return loaded().get_string(key); }
  std::string with(const std::string& key, const std::string& text) {
    request_.overrides = {{key, text, "--set"}};
    const std::string out = failure();
    request_.overrides.clear();
    return out;
  }
  // The sample with settings of its own below `development`.
  void write_with(const std::string& settings) {
    write("app_config.yaml", std::string(kSample) + "global:\n" + settings);
  }

  static constexpr const char* kRequired = "data: {raw: {location: r}, curated: {table: a.b, location: c}}";
};

TEST_F(Edges, NoEnvironmentIsNeededWhereNoneWasAskedFor) {
  write("app_config.yaml", std::string("global:\n  ") + kRequired + "\n");
  EXPECT_EQ(value("data.curated.table"), "a.b");
  EXPECT_EQ(loaded().environment(), "development");
  write("app_config.yaml", std::string("default:\n  ") + kRequired + "\nlive: {}\n");
  request_.environment = "staging";
  EXPECT_EQ(value("data.curated.table"), "a.b");
  request_.environment = "livee";
  EXPECT_THAT(failure(), HasSubstr("unknown environment 'livee'. Did you mean 'live'?"));
  request_.environment = "";
  write("app_config.yaml", "");
  EXPECT_THAT(failure(), HasSubstr("unknown environment 'development'"));
  request_.variables = {{"DYNACONF_DATA__RAW__LOCATION", "r"},
                        {"DYNACONF_DATA__CURATED__TABLE", "a.b"},
                        {"DYNACONF_DATA__CURATED__LOCATION", "c"}};
  EXPECT_EQ(value("data.curated.table"), "a.b");
}

TEST_F(Edges, BlankMeansUnset) {
  write("app_config.yaml",
        "development:\n  data:\n    raw: {location: r}\n    curated:\n      table: a.b\n      location:\n");
  EXPECT_EQ(failure(),
            "Key 'data.curated.location' not found in app_config.yaml, environment 'development' | app_config.yaml:6:7 "
            "leaves it empty: fill it in, or set it as a variable.");
  write("app_config.local.yaml", "dynaconf_merge: true\ndevelopment: {data: {curated: {location: mine}}}\n");
  EXPECT_EQ(value("data.curated.location"), "mine");
  write("app_config.local.yaml", "dynaconf_merge: true\ndevelopment: {write: {compression: }}\n");
  request_.variables["DYNACONF_DATA__CURATED__LOCATION"] = "v";
  EXPECT_EQ(value("data.curated.location"), "v");
}

TEST_F(Edges, UnknownKeysThatHoldNothingAreErrorsToo) {
  write_with("  storage: {s3: {regoin: }}\n");
  EXPECT_EQ(failure(), "app_config.yaml:16:18: unknown key 'storage.s3.regoin'. Did you mean 'storage.s3.region'?");
  write_with("  storge: {}\n");
  EXPECT_THAT(failure(), HasSubstr("app_config.yaml:16:3: unknown key 'storge'"));
  write_with("  engine: {sparc: [1]}\n");
  EXPECT_THAT(failure(), HasSubstr("unknown key 'engine.sparc'"));
}

TEST_F(Edges, SuggestionsCompareByWords) {
  for (const auto& [wrong, right] :
       std::map<std::string, std::string>{{"curated.location", "data.curated.location"},
                                          {"data.curated.path", "data.curated.location"},
                                          {"data.location.curated", "data.curated.location"},
                                          {"storage.s3.ca_file", "storage.ca_file"},
                                          {"ca_file", "storage.ca_file"},
                                          {"engine.remote", "engine.spark.remote"},
                                          {"spark.remote", "engine.spark.remote"},
                                          {"region", "storage.s3.region"},
                                          {"engine.thread", "engine.threads"}}) {
    EXPECT_EQ(with(wrong, "x"), fmt::format("flag --set: unknown key '{}'. Did you mean '{}'?", wrong, right));
  }
}

TEST_F(Edges, PlainValuesAreTypedAsDynaconfDoes) {
  for (const auto& [written, threads] : std::map<std::string, int64_t>{
           {"0x10", 16}, {"1_000", 1000}, {"+4", 4}, {"010", 10}, {"0o17", 15}, {"0b11", 3}, {"!!int 5", 5}}) {
    write_with("  engine: {threads: " + written + "}\n");
    EXPECT_EQ(loaded().integer("engine.threads"), threads) << written;
  }
  for (const std::string text : {"yes", "on", "inf", "nan", "12:30", "5e", "123456789012", "1e3", "0x1F"}) {
    write_with("  storage: {s3: {profile: " + text + "}}\n");
    EXPECT_EQ(value("storage.s3.profile"), text);
  }
  write_with("  storage: {s3: {profile: !!str 123}}\n");
  EXPECT_EQ(value("storage.s3.profile"), "123");
  EXPECT_EQ(with("storage.s3.profile", "123456789012"), "");
  write_with("  records: {mode: 0640}\n");
  EXPECT_EQ(value("records.mode"), "0640");
  EXPECT_THAT(with("data.raw.location", "2021"), HasSubstr("write '@str 2021'"));
  EXPECT_EQ(with("data.raw.location", "@str 2021"), "");
  EXPECT_THAT(with("storage.s3.path_style", "yes"), HasSubstr("Write true, or '@bool yes'."));
  EXPECT_EQ(with("storage.s3.path_style", "@bool yes"), "");
}

TEST_F(Edges, AnchorsAndMergeKeys) {
  write("app_config.yaml",
        std::string("x-common: &common\n  ") + kRequired +
            "\n  write: &write {compression: zstd}\ndevelopment:\n  <<: *common\n  engine: {threads: 2}\n");
  EXPECT_EQ(value("data.curated.table") + value("write.compression"), "a.bzstd");
}

TEST_F(Edges, MergingGroups) {
  request_.variables["DYNACONF_DATA"] = "{dynaconf_merge=true, raw={location='mine'}}";
  EXPECT_EQ(value("data.raw.location") + value("data.curated.location"), "minelake");
  request_.variables["DYNACONF_DATA"] = "{raw={location='mine'}}";
  EXPECT_THAT(failure(),
              HasSubstr("variable DYNACONF_DATA replaces everything that stood below that group; '@merge {...}'"));
  request_.variables.clear();
  write_with("  storage: {s3: {region: r, profile: p}}\n");
  write("app_config.local.yaml", "development:\n  storage: {s3: {dynaconf_merge: true, profile: q}}\n");
  EXPECT_EQ(value("storage.s3.region"), "r") << "the nearest dynaconf_merge counts";
}

TEST_F(Edges, LocationsWithVariablesThatNothingFillsIn) {
  for (const auto& [written, hint] :
       std::map<std::string, std::string>{{"$LAKE/x", "@format {env[LAKE]}/x"},
                                          {"${LAKE}/x", "@format {env[LAKE]}/x"},
                                          {"s3://${LAKE:-a}/x", "@format s3://{env[LAKE]}/x"},
                                          {"%LAKE%/x", "@format {env[LAKE]}/x"},
                                          {"{{ env.LAKE }}/x", "@format {env[LAKE]}/x"},
                                          {"{{LAKE}}/x", "@format {env[LAKE]}/x"},
                                          {"{env[LAKE]}/x", "@format {env[LAKE]}/x"},
                                          {"@format {{env[LAKE]}}/x", "@format {env[LAKE]}/x"}}) {
    EXPECT_THAT(with("data.raw.location", written), HasSubstr("Write '" + hint + "', with one pair of braces."))
        << written;
  }
  for (const char* written : {"file:/nowhere/x", "hdfs:/x", "C:\\lake\\x", "c:/lake", "\\\\host\\share"}) {
    EXPECT_NE(with("data.raw.location", written), "") << written;
  }
  EXPECT_EQ(with("data.raw.location", "100%/a b"), "");
}

TEST_F(Edges, WhatTemplatesCanName) {
  request_.variables["X"] = "/x";
  write_with(
      "  bucket: s3://b\n  storage: {s3: {profile: p}}\n  data: {dynaconf_merge: true, raw: {location: '@format "
      "{this.bucket}/r'}}\n");
  EXPECT_EQ(value("data.raw.location"), "s3://b/r");
  const auto filled = [&](const std::string& text) {
    request_.overrides = {{"data.raw.location", text, "--set"}};
    return value("data.raw.location");
  };
  EXPECT_EQ(filled("@format /{this[storage][s3][profile]}/{this.current_env}"), "/p/development");
  EXPECT_EQ(filled("@get data.curated.location"), "lake");
  EXPECT_EQ(filled("@get nothing.there /default"), "/default");
  write("place.txt", "/from/file\n");
  EXPECT_EQ(filled("@read_file place.txt"), "/from/file");
  EXPECT_EQ(filled("@read_file no.txt /other"), "/other");
  EXPECT_EQ(with("data.raw.location", "@get nothing.there"), "flag --set: Key 'nothing.there' not found");
  EXPECT_THAT(with("data.raw.location", "@read_file no.txt"), HasSubstr("no.txt cannot be read"));
}

TEST_F(Edges, FilesThatAreLinks) {
  std::filesystem::create_symlink(path("nowhere"), path(".secrets.yaml"));
  EXPECT_EQ(failure(), "config file '.secrets.yaml' is a link to nothing | Mend the link, or remove it.");
  std::filesystem::remove(path(".secrets.yaml"));
  std::filesystem::remove(path("app_config.yaml"));
  std::filesystem::create_symlink(path("b"), path("app_config.yaml"));
  std::filesystem::create_symlink(path("app_config.yaml"), path("b"));
  EXPECT_THAT(failure(), HasSubstr("config file 'app_config.yaml' cannot be read: Too many levels of symbolic links"));
}

TEST_F(Edges, ConnectionsAreLookedAtWhenLoaded) {
  for (const auto& [key, text] :
       std::vector<std::pair<std::string, std::string>>{{"engine.spark.token", "tok\n"},
                                                        {"engine.spark.token", "t\xc3\xb6k"},
                                                        {"engine.spark.remote", "sc://h/;token=hunter2\n"},
                                                        {"storage.s3.access_key_id", "AK\r"},
                                                        {"storage.s3.secret_access_key", "hunter2\n"},
                                                        {"storage.s3.session_token", "a\nhunter2"},
                                                        {"storage.azure.sas_token", "sig=hunter2\n"},
                                                        {"storage.s3.endpoint", "http://h:9000\n"},
                                                        {"storage.s3.endpoint", "http://h:99999"},
                                                        {"storage.s3.endpoint", "http://h\xc3\xb6st"},
                                                        {"storage.s3.endpoint", "http://[::1"},
                                                        {"storage.s3.endpoint", "ada:hunter2@h:9000"},
                                                        {"storage.azure.endpoint", "https://ada:hunter2@h"},
                                                        {"catalog.hive.uri", "thrift://h:9083\n"},
                                                        {"data.raw.location", "s3://b/x\n"}}) {
    request_.variables["V"] = text;
    const std::string said = with(key, "@format {env[V]}");
    EXPECT_THAT(said, HasSubstr("'" + key + "'")) << key;
    EXPECT_THAT(said, testing::Not(HasSubstr("hunter2"))) << key;
  }
  EXPECT_EQ(with("storage.s3.endpoint", "http://[::1]:9000/path"), "");
  EXPECT_THAT(with("engine.memory_limit", "1MB"),
              HasSubstr("'engine.memory_limit' must be a size of at least 32.0 MB"));
}

}  // namespace
}  // namespace metl::config
