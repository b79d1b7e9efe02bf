// A fresh folder for each test, gone with it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace metl {

class ScratchTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "scratch_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

}  // namespace metl
