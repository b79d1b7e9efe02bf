// A run whose numbers do not add up is told as a fault of the program.
#include "pipeline/sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace metl::pipeline {
namespace {

using testing::HasSubstr;

engine::StageResult result() {
  return {
      .files = {{"/a", 100, 4, {}}, {"/b", 50, 2, {}}}, .duplicates = 3, .given = 7, .rows = 6, .at_most_one = true};
}

std::vector<engine::SourceFile> footers() {
  std::vector<engine::SourceFile> out(2);
  out[0].path = "/a", out[0].bytes = 100, out[0].rows = 4;
  out[1].path = "/b", out[1].bytes = 50, out[1].rows = 2;
  return out;
}

std::string fault(int64_t read, const engine::StageResult& result, const std::vector<engine::SourceFile>& footers) {
  try {
    require_sums(read, result, footers);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kRunFailed);
    EXPECT_THAT(e.hint(), HasSubstr("Please report it"));
    return e.message();
  }
  return "";
}

TEST(Sums, AddUp) { EXPECT_EQ(fault(10, result(), footers()), ""); }

TEST(Sums, EveryRowReadIsDroppedOrGiven) {
  EXPECT_THAT(fault(11, result(), footers()),
              HasSubstr("do not add up: 11 rows read, 3 dropped as duplicates, 7 given to the transform"));
  EXPECT_THAT(fault(9, result(), footers()), HasSubstr("9 rows read"));
}

TEST(Sums, ARowGivesOneAtMostWhereItIsSaidTo) {
  auto more = result();
  more.duplicates = 5, more.given = 5;
  EXPECT_THAT(fault(10, more, footers()), HasSubstr("the transform gave 6 rows for 5"));
  more.at_most_one = false;
  EXPECT_EQ(fault(10, more, footers()), "");
}

TEST(Sums, FootersSayWhatWasWritten) {
  auto other = result();
  other.rows = 7;
  EXPECT_THAT(fault(10, other, footers()), HasSubstr("7 rows written, 6 of them into files"));
  auto fewer = footers();
  fewer.pop_back();
  EXPECT_THAT(fault(10, result(), fewer), HasSubstr("2 files written, 1 found"));
  auto shorter = footers();
  shorter[1].rows = 1;
  EXPECT_THAT(fault(10, result(), shorter), HasSubstr("/b was written with 2 rows in 50 bytes, and has 1 in 50"));
}

}  // namespace
}  // namespace metl::pipeline
