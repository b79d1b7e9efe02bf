#include "../full_disk.h"
#include "fixture.h"

namespace metl::table {
namespace {

using testing::HasSubstr;
using Kind = CommitOutcome::Kind;

using UnknownOutcomeTest = LakeTest;

TEST_F(UnknownOutcomeTest, AReadableLogWithoutTheRunIsAnError) {
  const Table table = create();
  try {
    const FullDisk full;
    table.commit(day("2021-01-01", "a.parquet"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kRunFailed);
    EXPECT_THAT(error.message(), HasSubstr(root_));
  }
  EXPECT_EQ(reopen().version(), 0U);
}

TEST_F(UnknownOutcomeTest, ARunInTheLogIsCommitted) {
  const Table table = create();
  table.commit(day("2021-01-01", "a.parquet", "mine"));
  CommitOutcome outcome;
  {
    const FullDisk full;
    outcome = table.commit(day("2021-01-01", "a.parquet", "mine"));
  }
  EXPECT_EQ(outcome.kind, Kind::kCommitted);
  EXPECT_EQ(outcome.version, 1U);
}

TEST_F(UnknownOutcomeTest, AnUnreadableLogIsUnknown) {
  const Table table = create();
  std::filesystem::rename(root_ + "/_delta_log", root_ + "/gone");
  const CommitOutcome outcome = table.commit(day("2021-01-01", "a.parquet"));
  EXPECT_EQ(outcome.kind, Kind::kUnknown);
  EXPECT_THAT(outcome.detail, HasSubstr(entry_path(0)));
}

}  // namespace
}  // namespace metl::table
