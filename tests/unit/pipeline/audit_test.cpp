#include "pipeline/audit.h"

#include <gtest/gtest.h>

namespace metl::pipeline {
namespace {

using quality::Outcome;
using quality::ScanResult;

ScanResult one(Outcome outcome, bool warming_up = false) {
  ScanResult result;
  result.checks.emplace_back();
  result.checks.back().outcome = outcome;
  result.checks.back().warming_up = warming_up;
  return result;
}

TEST(Passes, OnlyWhatWasEvaluatedAndIsNotBad) {
  EXPECT_TRUE(passes(one(Outcome::kPass)));
  EXPECT_TRUE(passes(one(Outcome::kWarn)));
  EXPECT_FALSE(passes(one(Outcome::kFail)));
  EXPECT_FALSE(passes(one(Outcome::kNotEvaluated)));
  EXPECT_TRUE(passes(one(Outcome::kNotEvaluated, /*warming_up=*/true)));
  ScanResult with_error = one(Outcome::kPass);
  with_error.errors.push_back({{}, "a section that cannot be read"});
  EXPECT_FALSE(passes(with_error));
}

}  // namespace
}  // namespace metl::pipeline
