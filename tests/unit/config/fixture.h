// A folder with config files, and what loading them gives.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "config/settings.h"

namespace metl::config {

class ConfigFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("metl-config-" + std::to_string(getpid()) + "-" +
                                                        testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    request_.file = path("app_config.yaml");
    write("app_config.yaml", kSample);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) { std::ofstream(path(name)) << text; }

  Settings loaded() const { return load(request_); }

  // "message" or "message | hint" of the error that loading gives, with the folder's name taken out; "" for none.
  std::string failure() const {
    try {
      load(request_);
      return "";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kConfig);
      std::string text = e.hint().empty() ? e.message() : e.message() + " | " + e.hint();
      for (size_t at = text.find(folder_.string()); at != std::string::npos; at = text.find(folder_.string())) {
        text.erase(at, folder_.string().size() + 1);
      }
      return text;
    }
  }

  static constexpr const char* kSample =
      "dynaconf_merge: true\n"
      "default:\n"
      "  data:\n"
      "    raw: {location: from-default}\n"
      "development:\n"
      "  data:\n"
      "    raw:\n"
      "      location: from-development\n"
      "    curated:\n"
      "      table: default.movie_ratings_curated\n"
      "      location: lake\n"
      "live:\n"
      "  data:\n"
      "    curated: {table: live.ratings, location: s3://bucket/lake}\n";

  std::filesystem::path folder_;
  LoadRequest request_;
};

}  // namespace metl::config
