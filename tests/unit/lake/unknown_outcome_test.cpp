#include <sys/resource.h>

#include <csignal>

#include "fixture.h"

namespace metl::lake {
namespace {

using testing::HasSubstr;
using Kind = CommitOutcome::Kind;

using UnknownOutcomeTest = LakeTest;

// While it lives every write to a file fails, as on a full disk.
class NoWrites {
 public:
  NoWrites() {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoWrites() { setrlimit(RLIMIT_FSIZE, &before_); }
  NoWrites(const NoWrites&) = delete;
  NoWrites& operator=(const NoWrites&) = delete;

 private:
  rlimit before_{};
};

TEST_F(UnknownOutcomeTest, AReadableLogWithoutTheRunIsAnError) {
  const Table table = create();
  try {
    const NoWrites full;
    table.replace(day("2021-01-01", "a.parquet"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kRunFailed);
    EXPECT_THAT(error.message(), HasSubstr(root_));
  }
  EXPECT_EQ(reopen().version(), 0U);
}

TEST_F(UnknownOutcomeTest, ARunInTheLogIsCommitted) {
  const Table table = create();
  table.replace(day("2021-01-01", "a.parquet", "mine"));
  CommitOutcome outcome;
  {
    const NoWrites full;
    outcome = table.replace(day("2021-01-01", "a.parquet", "mine"));
  }
  EXPECT_EQ(outcome.kind, Kind::kCommitted);
  EXPECT_EQ(outcome.version, 1U);
}

TEST_F(UnknownOutcomeTest, AnUnreadableLogIsUnknown) {
  const Table table = create();
  std::filesystem::rename(root_ + "/_delta_log", root_ + "/gone");
  const CommitOutcome outcome = table.replace(day("2021-01-01", "a.parquet"));
  EXPECT_EQ(outcome.kind, Kind::kUnknown);
  EXPECT_THAT(outcome.detail, HasSubstr(entry_path(0)));
}

}  // namespace
}  // namespace metl::lake
