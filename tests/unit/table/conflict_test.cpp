#include <algorithm>
#include <thread>

#include "fixture.h"
#include "table/log_entry.h"

namespace metl::table {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = CommitOutcome::Kind;

using ConflictTest = LakeTest;

TEST_F(ConflictTest, OtherPartitionsAreNone) {
  create();
  const Table first = reopen();
  const Table second = reopen();
  EXPECT_EQ(first.commit(day("2021-01-01", "a.parquet", "r1")).version, 1U);
  EXPECT_EQ(reopen().commit(day("2021-01-03", "x.parquet", "rx")).version, 2U);
  const CommitOutcome outcome = second.commit(day("2021-01-02", "b.parquet", "r2"));
  EXPECT_EQ(outcome.kind, Kind::kCommitted);
  EXPECT_EQ(outcome.version, 3U);
  EXPECT_EQ(outcome.attempts, 2U);
  EXPECT_EQ(actions(3, "txn").at(0)["appId"], "movies-etl:2021-01-02");
  EXPECT_EQ(reopen().files({{"run_date", "2021-01-01"}}).size(), 1U);
}

TEST_F(ConflictTest, TheSamePartitionIsOne) {
  create().commit(day("2021-01-01", "a.parquet", "r0"));
  const Table late = reopen();
  reopen().commit(day("2021-01-01", "b.parquet", "r1"));
  const CommitOutcome outcome = late.commit(day("2021-01-01", "c.parquet", "r2"));
  EXPECT_EQ(outcome.kind, Kind::kConflict);
  EXPECT_THAT(outcome.detail, HasSubstr("version 2 of " + root_ + " changed the same partition"));
  EXPECT_EQ(reopen().version(), 2U);
  EXPECT_THAT(paths(reopen().files({{"run_date", "2021-01-01"}})), ElementsAre("run_date=2021-01-01/b.parquet"));
}

TEST_F(ConflictTest, AnEmptyPartitionEmptiedIsOne) {
  create();
  const Table late = reopen();
  reopen().commit(day("2021-01-01", "", "r1"));
  EXPECT_EQ(late.commit(day("2021-01-01", "c.parquet", "r2")).kind, Kind::kConflict);
  EXPECT_EQ(reopen().commit(day("2021-01-02", "", "r3")).kind, Kind::kCommitted);
}

TEST_F(ConflictTest, OneBehindOthersIsFound) {
  create();
  const Table late = reopen();
  reopen().commit(day("2021-01-01", "a.parquet", "r1"));
  reopen().commit(day("2021-01-02", "b.parquet", "r2"));
  EXPECT_EQ(late.commit(day("2021-01-01", "c.parquet", "r3")).kind, Kind::kConflict);
  EXPECT_EQ(late.commit(day("2021-01-02", "c.parquet", "r3")).kind, Kind::kConflict);
  EXPECT_EQ(late.commit(day("2021-01-03", "c.parquet", "r3")).kind, Kind::kCommitted);
}

TEST_F(ConflictTest, AChangedSchemaIsOne) {
  create();
  const Table late = reopen();
  reopen().add_columns({{"title", *parse_type("string"), true, ""}});
  const CommitOutcome outcome = late.commit(day("2021-01-01", "a.parquet"));
  EXPECT_EQ(outcome.kind, Kind::kConflict);
  EXPECT_THAT(outcome.detail, HasSubstr("schema"));
}

TEST_F(ConflictTest, OurOwnEntryIsNone) {
  create();
  const Table table = reopen();
  EXPECT_EQ(table.commit(day("2021-01-01", "a.parquet", "mine")).version, 1U);
  // As a store answers that repeats the request after a timeout.
  const CommitOutcome outcome = table.commit(day("2021-01-01", "a.parquet", "mine"));
  EXPECT_EQ(outcome.kind, Kind::kCommitted);
  EXPECT_EQ(outcome.version, 1U);
  EXPECT_EQ(reopen().version(), 1U);
}

TEST_F(ConflictTest, ManyDaysAtOnceAllSucceed) {
  create();
  constexpr int kDays = 12;
  std::vector<CommitOutcome> outcomes(kDays);
  std::vector<std::thread> threads;
  for (int i = 0; i < kDays; ++i) {
    threads.emplace_back([&, i] {
      const std::string date = fmt::format("2021-01-{:02}", i + 1);
      outcomes[i] = reopen().commit(day(date, "a.parquet", date));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const CommitOutcome& outcome : outcomes) EXPECT_EQ(outcome.kind, Kind::kCommitted) << outcome.detail;
  EXPECT_EQ(reopen().version(), kDays);
  for (int i = 0; i < kDays; ++i) {
    EXPECT_EQ(reopen().files({{"run_date", fmt::format("2021-01-{:02}", i + 1)}}).size(), 1U);
  }
}

TEST_F(ConflictTest, OneDayAtOnceIsWrittenOnce) {
  create();
  constexpr int kRuns = 6;
  const Table base = reopen();
  std::vector<CommitOutcome> outcomes(kRuns);
  std::vector<std::thread> threads;
  for (int i = 0; i < kRuns; ++i) {
    threads.emplace_back(
        [&, i] { outcomes[i] = base.commit(day("2021-01-01", fmt::format("{}.parquet", i), fmt::format("r{}", i))); });
  }
  for (std::thread& thread : threads) thread.join();
  const auto won = [](const CommitOutcome& outcome) { return outcome.kind == Kind::kCommitted; };
  EXPECT_EQ(std::count_if(outcomes.begin(), outcomes.end(), won), 1);
  EXPECT_EQ(reopen().files({{"run_date", "2021-01-01"}}).size(), 1U);
}

TEST_F(ConflictTest, CreatorsAtOnceShareOneTable) {
  std::vector<std::thread> threads;
  std::vector<uint64_t> versions(4, 99);
  for (uint64_t& version : versions) {
    threads.emplace_back([&] { version = create().version(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(versions, testing::Each(0U));
}

TEST_F(ConflictTest, ARunIsFoundByItsId) {
  create().commit(day("2021-01-01", "a.parquet", "r1"));
  reopen().commit(day("2021-01-02", "b.parquet", "r2"));
  const Table table = reopen();
  EXPECT_EQ(table.committed_version_of("r2", 0), 2U);
  EXPECT_EQ(table.committed_version_of("r1", 0), 1U);
  EXPECT_EQ(table.committed_version_of("r1", 1), std::nullopt);
  EXPECT_EQ(table.committed_version_of("r3", 0), std::nullopt);
}

TEST(LogEntry, TellsPartitions) {
  const auto entry = [](const std::string& text) { return parse_log_entry(text, "log"); };
  const auto meets = [](const LogEntry& other, const std::vector<Partition>& changed) {
    return conflicts(other, changed, "own");
  };
  const std::vector<Partition> monday = {{{"run_date", "1"}}};
  EXPECT_TRUE(meets(entry(R"({"add":{"path":"a","partitionValues":{"run_date":"1"}}})"), monday));
  EXPECT_FALSE(meets(entry(R"({"add":{"path":"a","partitionValues":{"run_date":"2"}}})"), monday));
  EXPECT_TRUE(meets(entry(R"({"remove":{"path":"a","partitionValues":{"run_date":"1"}}})"), monday));
  EXPECT_TRUE(meets(entry(R"({"remove":{"path":"a"}})"), monday));  // of which partition is not said
  EXPECT_TRUE(meets(entry(R"({"protocol":{"minReaderVersion":1}})"), monday));
  EXPECT_FALSE(meets(entry(R"({"txn":{"appId":"x","version":1}})"), monday));
  EXPECT_TRUE(
      meets(entry(R"({"add":{"path":"a","partitionValues":{"run_date":null}}})"), {Partition{{"run_date", ""}}}));
  // A run of the same day, whatever partitions it touched.
  EXPECT_TRUE(meets(entry(R"({"txn":{"appId":"own","version":1}})"), monday));
  // Values of some columns stand for all partitions that have them.
  const auto of_two = entry(R"({"add":{"path":"a","partitionValues":{"run_date":"1","country":"fr"}}})");
  EXPECT_TRUE(meets(of_two, monday));
  EXPECT_TRUE(meets(of_two, {Partition{}}));
  EXPECT_FALSE(meets(of_two, {Partition{{"run_date", "1"}, {"country", "de"}}}));
  EXPECT_THROW(entry("{\"add\":"), Error);
}

TEST(LogEntry, EncodesPaths) {
  for (const char* path : {"run_date=2021-01-01/part-0.parquet", "a b/c%20d+é=~_.x", "%", "%4", "100%zz"}) {
    EXPECT_EQ(decode_path(encode_path(path)), path);
  }
  EXPECT_EQ(encode_path("run_date=2021-01-01/part-0.parquet"), "run_date=2021-01-01/part-0.parquet");
  EXPECT_EQ(decode_path("50%zz"), "50%zz");
}

// A change names as many partitions as it likes: all of them are replaced in one version, or none.
TEST_F(ConflictTest, AChangeOfSeveralPartitionsIsOneVersionAndMeetsEachOfThem) {
  create().commit(day("2021-01-01", "a.parquet", "r1"));
  reopen().commit(day("2021-01-03", "c.parquet", "r3"));
  Change both = day("2021-01-01", "a2.parquet", "r4");
  both.partitions.push_back(day("2021-01-02", "b2.parquet").partitions[0]);
  const Table base = reopen();
  const CommitOutcome outcome = base.commit(both);
  EXPECT_EQ(outcome.version, 3U);
  EXPECT_EQ(outcome.files_replaced, 1);
  std::vector<std::string> live;
  for (const auto& file : reopen().files({})) live.push_back(file.path);
  EXPECT_EQ(live, (std::vector<std::string>{"run_date=2021-01-01/a2.parquet", "run_date=2021-01-02/b2.parquet",
                                            "run_date=2021-01-03/c.parquet"}));
  EXPECT_EQ(base.commit(day("2021-01-02", "late.parquet", "r5")).kind, Kind::kConflict);
  EXPECT_EQ(base.commit(day("2021-01-04", "d.parquet", "r6")).kind, Kind::kCommitted);
}

}  // namespace
}  // namespace metl::table
