// Which layer wins, how sections merge, where relative paths start.
#include "fixture.h"

namespace metl::config {
namespace {

using Layers = ConfigFolder;

TEST_F(Layers, EachOneBeatsThoseBelow) {
  const auto raw = [&] {
    return loaded().get_string("data.raw.location") + " <- " + loaded().origin("data.raw.location");
  };
  const auto in = [&](const std::string& rest) { return path(rest); };

  request_.environment = "live";
  EXPECT_EQ(raw(), "from-default <- " + in("app_config.yaml:4:21"));
  request_.environment = "";
  EXPECT_EQ(raw(), "from-development <- " + in("app_config.yaml:8:17"));

  write("app_config.yaml", std::string(kSample) + "global:\n  data: {raw: {location: from-global}}\n");
  EXPECT_EQ(raw(), "from-global <- " + in("app_config.yaml:16:26"));

  write("app_config.local.yaml", "dynaconf_merge: true\ndevelopment: {data: {raw: {location: from-local}}}\n");
  EXPECT_EQ(raw(), "from-local <- " + in("app_config.local.yaml:2:38"));

  write(".secrets.yaml", "dynaconf_merge: true\ndevelopment: {data: {raw: {location: from-secrets}}}\n");
  EXPECT_EQ(raw(), "from-secrets <- " + in(".secrets.yaml:2:38"));

  request_.variables["DYNACONF_DATA__RAW__LOCATION"] = "from-variable";
  EXPECT_EQ(raw(), "from-variable <- variable DYNACONF_DATA__RAW__LOCATION");

  request_.overrides = {{"data.raw.location", "from-flag", "--set"}};
  EXPECT_EQ(raw(), "from-flag <- flag --set");
  request_.overrides.push_back({"data.raw.location", "from-last-flag", "--set"});
  EXPECT_EQ(raw(), "from-last-flag <- flag --set");
}

TEST_F(Layers, DefaultsOfTheProgramAreTheWeakest) {
  EXPECT_EQ(loaded().bytes("engine.memory_limit"), 1'000'000'000);
  EXPECT_EQ(loaded().integer("engine.threads"), 0);
  EXPECT_EQ(loaded().bytes("write.target_file_size"), 128'000'000);
  EXPECT_EQ(loaded().get_string("write.compression"), "zstd");
  EXPECT_EQ(loaded().path("engine.temp_directory"), "");
  EXPECT_EQ(loaded().origin("engine.threads"), "default");
  write("app_config.yaml", std::string(kSample) + "default_is_weak: {}\n");
  request_.variables["DYNACONF_ENGINE__THREADS"] = "3";
  EXPECT_EQ(loaded().integer("engine.threads"), 3);
}

TEST_F(Layers, EnvironmentComesFromTheFlagThenTheVariableThenDevelopment) {
  EXPECT_EQ(loaded().environment(), "development");
  request_.variables["ENV_FOR_DYNACONF"] = "LIVE";
  EXPECT_EQ(loaded().environment(), "live");
  EXPECT_EQ(loaded().get_string("data.curated.table"), "live.ratings");
  request_.environment = "development";
  EXPECT_EQ(loaded().environment(), "development");
  request_.environment = "";
  request_.variables["ENV_FOR_DYNACONF"] = "";
  EXPECT_EQ(loaded().environment(), "development");
}

TEST_F(Layers, UnknownEnvironmentNamesThoseOfTheFile) {
  request_.environment = "liva";
  EXPECT_EQ(failure(),
            "app_config.yaml: unknown environment 'liva'. Did you mean 'live'? | Environments of the file: "
            "development, live.");
  write("app_config.yaml", "");
  EXPECT_EQ(failure(),
            "app_config.yaml: unknown environment 'liva'. | The file has no environment yet: add a section "
            "'development:'.");
}

TEST_F(Layers, WithoutMergeASectionReplacesTheWholeGroup) {
  write("app_config.local.yaml", "development: {data: {raw: {location: mine}}}\n");
  EXPECT_EQ(
      failure(),
      "Key 'data.curated.table' not found in app_config.yaml, environment 'development'; nor 'data.curated.location' | "
      "app_config.local.yaml:1:15 replaces everything that stood below that group; 'dynaconf_merge: true' at the top "
      "of that file would add to "
      "it.");
  write("app_config.local.yaml", "development: {dynaconf_merge: true, data: {raw: {location: mine}}}\n");
  EXPECT_EQ(loaded().get_string("data.raw.location"), "mine");
  write("app_config.local.yaml", "development: {data: {dynaconf_merge: true, raw: {location: mine}}}\n");
  EXPECT_EQ(loaded().get_string("data.raw.location"), "mine");
  write("app_config.local.yaml",
        "dynaconf_merge: true\ndevelopment: {data: {curated: {dynaconf_merge: false, location: mine}}}\n");
  EXPECT_THAT(failure(), testing::StartsWith("Key 'data.curated.table' not found"));
  write("app_config.local.yaml", "dynaconf_merge: maybe\n");
  EXPECT_EQ(failure(), "app_config.local.yaml:1:17: 'dynaconf_merge' must be true or false");
}

TEST_F(Layers, AGroupInAVariableReplacesUnlessItMerges) {
  request_.variables["DYNACONF_DATA"] = "{raw = {location = 'a'}}";
  EXPECT_THAT(failure(), testing::StartsWith("Key 'data.curated.table' not found"));
  request_.variables["DYNACONF_DATA"] = "@merge {raw = {location = 'a'}}";
  EXPECT_EQ(loaded().get_string("data.raw.location"), "a");
  EXPECT_EQ(loaded().get_string("data.curated.location"), "lake");
}

TEST_F(Layers, RelativePathsStartAtTheConfigFileWhereverTheyComeFrom) {
  EXPECT_EQ(loaded().path("data.raw.location"), path("from-development"));
  EXPECT_EQ(loaded().path("pipelines.location"), path("pipelines"));
  request_.overrides = {{"data.raw.location", "../elsewhere", "--set"}};
  EXPECT_EQ(loaded().path("data.raw.location"), (folder_.parent_path() / "elsewhere").string());
  request_.overrides = {{"data.raw.location", "/abs/./x", "--set"}};
  EXPECT_EQ(loaded().path("data.raw.location"), "/abs/x");
  request_.environment = "live";
  EXPECT_EQ(loaded().path("data.curated.location"), "s3://bucket/lake");
  request_.overrides = {{"data.raw.location", "a b:/x", "--set"}};  // no scheme has a space: a path
  EXPECT_EQ(loaded().path("data.raw.location"), path("a b:/x"));
}

TEST_F(Layers, RelativePathsDoNotFollowTheWorkingFolder) {
  const auto before = std::filesystem::current_path();
  std::filesystem::create_directories(folder_ / "from-development");
  std::filesystem::current_path(folder_);
  request_.file = "app_config.yaml";
  const std::string here = loaded().path("data.raw.location");
  std::filesystem::create_directories(folder_ / "sub" / "from-development");
  std::filesystem::current_path(folder_ / "sub");
  request_.file = "../app_config.yaml";
  const std::string below = loaded().path("data.raw.location");
  std::filesystem::current_path(before);
  EXPECT_EQ(here, path("from-development"));
  EXPECT_EQ(below, path("from-development"));
}

TEST_F(Layers, TheShippedFileLoadsInEveryEnvironment) {
  request_.file = std::string(METL_SOURCE_DIR) + "/app_config.yaml";
  EXPECT_EQ(loaded().path("data.raw.location"), std::string(METL_SOURCE_DIR) + "/data-lake-raw-dev/movie_ratings");
  EXPECT_EQ(loaded().get_string("data.curated.table"), "default.movie_ratings_curated");
  request_.environment = "staging";
  EXPECT_EQ(loaded().get_string("data.curated.table"), "curated_staging.movie_ratings");
  EXPECT_EQ(loaded().path("data.raw.location"), "s3://data-lake-raw-staging/movie_ratings");
  request_.environment = "live";
  EXPECT_EQ(loaded().path("data.curated.location"), "s3://data-lake-curated-live");
}

}  // namespace
}  // namespace metl::config
