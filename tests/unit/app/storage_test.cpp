// How the access to object stores is resolved: what wins, and what is told when it does not fit together.
#include "app/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace metl::app {
namespace {

namespace fs = std::filesystem;

class StorageTest : public ::testing::Test {
 protected:
  StorageTest() {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / ".aws");
  }
  ~StorageTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  StorageAccess resolve(std::map<std::string, std::string> variables, const std::string& storage = {}) const {
    variables.emplace("HOME", folder_.string());
    if (storage.empty()) return resolve_storage(nullptr, variables);
    write(
        "app_config.yaml",
        "development:\n  data:\n    raw: {location: raw}\n    curated: {location: w, table: default.t}\n  storage:\n" +
            storage);
    const auto settings = config::load({(folder_ / "app_config.yaml").string(), "", variables, {}});
    return resolve_storage(&settings, variables);
  }

  std::string error(const std::map<std::string, std::string>& variables, const std::string& storage = {}) const {
    try {
      resolve(variables, storage);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kConfig);
      return e.message() + " | " + e.hint();
    }
    return "";
  }

  fs::path folder_ = fs::temp_directory_path() / ("metl-storage-" + std::to_string(::getpid()));
};

const std::map<std::string, std::string> kVariables{{"AWS_ACCESS_KEY_ID", "variable"},
                                                    {"AWS_SECRET_ACCESS_KEY", "of-variable"},
                                                    {"AWS_SESSION_TOKEN", "token"},
                                                    {"AWS_REGION", "eu-central-1"},
                                                    {"AWS_ENDPOINT_URL", "https://s3.example.org/"}};

TEST_F(StorageTest, VariablesServeWhereSettingsSayNothing) {
  const auto access = resolve(kVariables);
  EXPECT_EQ(access.s3.access_key_id, "variable");
  EXPECT_EQ(access.s3.secret_access_key, "of-variable");
  EXPECT_EQ(access.s3.session_token, "token");
  EXPECT_EQ(access.s3.region, "eu-central-1");
  EXPECT_EQ(access.s3.endpoint, "https://s3.example.org");
  EXPECT_TRUE(access.s3.path_style) << "a server of one's own";
}

TEST_F(StorageTest, SettingsWinOverVariables) {
  const auto access = resolve(kVariables,
                              "    s3: {access_key_id: setting, secret_access_key: of-setting, region: us-west-2, "
                              "path_style: false}\n");
  EXPECT_EQ(access.s3.access_key_id, "setting");
  EXPECT_EQ(access.s3.secret_access_key, "of-setting");
  EXPECT_EQ(access.s3.session_token, "") << "the variable's token belongs to another key";
  EXPECT_EQ(access.s3.region, "us-west-2");
  EXPECT_FALSE(access.s3.path_style);
}

TEST_F(StorageTest, ProfilesAreReadFromBothFiles) {
  write(".aws/credentials",
        "# mine\n[default]\naws_access_key_id = one\naws_secret_access_key=first\n[other]\naws_access_key_id = two\n"
        "aws_secret_access_key = second\naws_session_token = t\n");
  write(".aws/config",
        "[profile other]\nregion = eu-west-1\ns3 =\n  region = nested\nendpoint_url = https://o.example.org\n");
  EXPECT_EQ(resolve({}).s3.access_key_id, "one");
  EXPECT_EQ(resolve({}).s3.region, "us-east-1");
  const auto other = resolve({{"AWS_PROFILE", "other"}});
  EXPECT_EQ(other.s3.access_key_id, "two");
  EXPECT_EQ(other.s3.secret_access_key, "second");
  EXPECT_EQ(other.s3.session_token, "t");
  EXPECT_EQ(other.s3.region, "eu-west-1");
  EXPECT_EQ(other.s3.endpoint, "https://o.example.org");
  EXPECT_EQ(resolve(kVariables, "    s3: {profile: other}\n").s3.access_key_id, "two")
      << "a profile in the settings wins over keys in variables";
}

TEST_F(StorageTest, WithoutKeysARoleIsAskedLater) {
  const auto access =
      resolve({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/token"}, {"AWS_ROLE_ARN", "arn:aws:iam::1:role/x"}});
  EXPECT_EQ(access.s3.access_key_id, "");
  EXPECT_EQ(access.s3.role.at("s3.web_identity_token_file"), "/var/token");
  EXPECT_EQ(access.s3.role.at("s3.role_arn"), "arn:aws:iam::1:role/x");
}

TEST_F(StorageTest, WhatDoesNotFitTogetherIsTold) {
  EXPECT_EQ(
      error({{"AWS_ACCESS_KEY_ID", "a"}}),
      "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) has an access key id but no secret access key | ");
  EXPECT_EQ(error({}, "    s3: {secret_access_key: hidden}\n"),
            "storage.s3 has a secret access key but no access key id | ");
  EXPECT_EQ(error({{"AWS_PROFILE", "nobody"}}),
            "there is no AWS profile 'nobody' | Profiles are looked for in ~/.aws/credentials and ~/.aws/config; see "
            "storage.s3.profile and AWS_PROFILE.");
  EXPECT_EQ(
      error({}, "    s3: {endpoint: 'http://localhost:9000'}\n"),
      "storage.s3.endpoint is http://localhost:9000: plain http | Keys' signatures and data would travel readable. Use "
      "https, or set storage.s3.allow_http: true for a server on this machine.");
  EXPECT_THAT(
      error({}, "    s3: {endpoint: 'localhost:9000'}\n"),
      testing::HasSubstr("'storage.s3.endpoint' is not a URL: it begins neither with https:// nor with http:// | "
                         "Write it with its scheme, for example https://minio.example.org:9000."));
  write(".aws/config", "[default]\nsso_session = company\n");
  EXPECT_EQ(
      error({}),
      "the AWS profile 'default' works by sso_session, which this program cannot follow | Let the AWS tools do it: "
      "eval \"$(aws configure export-credentials --profile default --format env)\"");
}

TEST_F(StorageTest, OnlyLocationsOfKnownStoresAreOpened) {
  EXPECT_FALSE(open_storage(nullptr, {}, {{"data.raw.location", "/data/raw"}, {"data.curated.location", ""}}));
  for (const auto& [location, message] :
       {std::pair{"hdfs://host/x", "data.raw.location is hdfs://host/x: no store is known for hdfs://"},
        std::pair{"s3:///x", "data.raw.location is s3:///x: it names no bucket"}}) {
    try {
      open_storage(nullptr, {}, {{"data.raw.location", location}});
      ADD_FAILURE() << location;
    } catch (const Error& e) {
      EXPECT_EQ(e.message(), message);
      EXPECT_EQ(e.code(), ExitCode::kConfig);
    }
  }
}

}  // namespace
}  // namespace metl::app
