#include "base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <new>
#include <sstream>
#include <system_error>

namespace metl {
namespace {

using testing::HasSubstr;

TEST(Error, EveryCauseIsDocumentedWithItsExitCode) {
  std::ifstream file(METL_SOURCE_DIR "/docs/operations.md");
  std::stringstream text;
  text << file.rdbuf();
  for (int i = 0; i <= static_cast<int>(Cause::kFailed); ++i) {
    const auto cause = static_cast<Cause>(i);
    EXPECT_THAT(text.str(),
                HasSubstr(fmt::format("| `{}` | {} | ", name_of(cause), static_cast<int>(exit_code_of(cause)))));
    EXPECT_EQ(cause_named(name_of(cause)), cause);
  }
  EXPECT_EQ(cause_named("never heard of"), Cause::kFailed);
}

TEST(Error, ErrnoTellsCausesApart) {
  EXPECT_EQ(cause_of_errno(ENOSPC), Cause::kNoSpace);
  EXPECT_EQ(cause_of_errno(EDQUOT), Cause::kNoSpace);
  EXPECT_EQ(cause_of_errno(EACCES), Cause::kNoRights);
  EXPECT_EQ(cause_of_errno(EROFS), Cause::kNoRights);
  EXPECT_EQ(cause_of_errno(ENOMEM), Cause::kNoMemory);
  EXPECT_EQ(cause_of_errno(EIO), Cause::kDiskFault);
  EXPECT_EQ(cause_of_errno(ENOENT), Cause::kNotFound);
  EXPECT_EQ(cause_of_errno(EMFILE), Cause::kTooManyFiles);
  EXPECT_EQ(cause_of_errno(EDOM), Cause::kFailed);
  for (const Cause cause : {Cause::kNoSpace, Cause::kNoRights, Cause::kNoMemory, Cause::kDiskFault}) {
    EXPECT_NE(advice(cause), "");
    EXPECT_TRUE(is_of_the_system(cause));
  }
  EXPECT_FALSE(is_of_the_system(Cause::kStatement));
}

TEST(Error, ExceptionsOfTheStandardLibraryHaveCausesToo) {
  EXPECT_EQ(as_error(std::bad_alloc()).cause(), Cause::kNoMemory);
  EXPECT_EQ(as_error(std::system_error(EAGAIN, std::generic_category())).cause(), Cause::kNoThreads);
  EXPECT_EQ(as_error(std::runtime_error("x")).cause(), Cause::kFailed);
  const Error own(Cause::kConflict, {"f.yaml", 3, 7}, "no", "try again");
  const Error kept = as_error(own);
  EXPECT_EQ(kept.cause(), Cause::kConflict);
  EXPECT_EQ(kept.message(), "f.yaml:3:7: no");
  EXPECT_EQ(kept.said(), "no");
  EXPECT_EQ(kept.within("day").message(), "day: f.yaml:3:7: no");
  EXPECT_EQ(kept.hinting("wait").hint(), "wait");
}

}  // namespace
}  // namespace metl
