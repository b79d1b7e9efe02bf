// Logs of which a file is damaged, missing or another's: read on where the others hold the same, else the file is
// named.
#include "fixture.h"

namespace metl::table {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;

class DamagedLogTest : public LakeTest {
 protected:
  // Versions 1 to 3 put one file each into a day of its own.
  void SetUp() override {
    LakeTest::SetUp();
    create();
    for (int n = 1; n <= 3; ++n) add(n);
  }

  void add(int n) {
    reopen().commit(day(fmt::format("2021-01-0{}", n), fmt::format("{}.parquet", n), fmt::format("r{}", n)));
  }
  std::string in_log(const std::string& name) const { return root_ + "/_delta_log/" + name; }
  std::string checkpoint(int version) const { return in_log(fmt::format("{:020}.checkpoint.parquet", version)); }
  void write(const std::string& path, const std::string& text) const { std::ofstream(path) << text; }
  size_t live() const { return reopen().files({}).size(); }
};

TEST_F(DamagedLogTest, AHintMayNameACheckpointThatIsGone) {
  write(in_log("_last_checkpoint"), R"({"version":2,"size":3})");
  EXPECT_EQ(reopen().version(), 3U);
  EXPECT_EQ(live(), 3U);
  write(in_log("_last_checkpoint"), R"({"version":7,"size":3})");
  EXPECT_EQ(live(), 3U);
  add(4);
  EXPECT_EQ(live(), 4U);
  fs::remove(entry_path(0));
  const Error error = open_error();
  EXPECT_THAT(error.message(),
              HasSubstr("begins with version 1, and the checkpoint that its _last_checkpoint names is not"));
  EXPECT_THAT(error.hint(), HasSubstr("backup"));
}

TEST_F(DamagedLogTest, ATornCheckpointIsLeftOutWhereTheEntriesAreThere) {
  reopen().checkpoint();
  for (const uintmax_t bytes : {fs::file_size(checkpoint(3)) / 2, uintmax_t{20}}) {
    fs::resize_file(checkpoint(3), bytes);
    EXPECT_EQ(reopen().version(), 3U);
    EXPECT_EQ(live(), 3U);
  }
  add(4);
  EXPECT_EQ(live(), 4U);
  reopen().checkpoint();
  EXPECT_EQ(reopen().checkpoint_version(), 4U);
  EXPECT_EQ(live(), 4U);
}

TEST_F(DamagedLogTest, ACheckpointWithDamagedPagesIsLeftOutToo) {
  reopen().checkpoint();
  const auto size = static_cast<std::streamoff>(fs::file_size(checkpoint(3)));
  {
    std::fstream file(checkpoint(3), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4);
    file << std::string(static_cast<size_t>(size) / 3, '\x5a');  // the footer stays whole
  }
  EXPECT_EQ(live(), 3U);
  const Table table = reopen();
  EXPECT_EQ(table.files({}).size(), 3U);
  EXPECT_EQ(table.commit(day("2021-01-01", "again.parquet", "r9")).files_replaced, 1);
  EXPECT_EQ(live(), 3U);
}

TEST_F(DamagedLogTest, AnOlderCheckpointHelpsToo) {
  reopen().checkpoint();
  add(4);
  add(5);
  reopen().checkpoint();
  for (int version = 0; version < 4; ++version) fs::remove(entry_path(version));
  fs::resize_file(checkpoint(5), 30);
  EXPECT_EQ(reopen().version(), 5U);
  EXPECT_EQ(live(), 5U);
  fs::remove(checkpoint(3));
  const Error error = open_error();
  EXPECT_THAT(error.message(), HasSubstr(checkpoint(5) + " cannot be read"));
  EXPECT_THAT(error.hint(), HasSubstr("older checkpoint"));
}

TEST_F(DamagedLogTest, AChecksumSaysNothing) {
  write(in_log("00000000000000000003.crc"), "not JSON");
  EXPECT_EQ(live(), 3U);
  write(
      in_log("00000000000000000003.crc"),
      R"({"tableSizeBytes":0,"numFiles":0,"numMetadata":1,"numProtocol":1,"protocol":{"minReaderVersion":1,"minWriterVersion":2},)"
      R"("metadata":{"id":"other","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[]}",)"
      R"("partitionColumns":[],"configuration":{}}})");
  EXPECT_EQ(reopen().columns().size(), 2U);
  EXPECT_EQ(live(), 3U);
}

TEST_F(DamagedLogTest, ALogWithoutItsBeginningIsNotTakenForWhole) {
  const std::string whole = entry_text(0);
  for (int version = 0; version < 3; ++version) fs::remove(entry_path(version));
  write_entry(3, entry_text(3) + whole);  // says schema and protocol again, as an ALTER TABLE does
  EXPECT_THAT(open_error().message(), HasSubstr(entry_path(0) + " is missing, though version 3 exists"));
}

TEST_F(DamagedLogTest, ATableMadeAnewIsNotReadFromWhatWasRemembered) {
  const Table before = reopen();
  const size_t bytes = entry_text(1).size();
  fs::remove_all(root_ + "/_delta_log");
  create();
  reopen().commit(day("2021-02-01", "9.parquet", "r1"));
  EXPECT_EQ(entry_text(1).size(), bytes);  // the same length, at the same version
  EXPECT_THAT(paths(reopen().files({})), ElementsAre("run_date=2021-02-01/9.parquet"));
  try {
    before.refreshed();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kConflict);
    EXPECT_THAT(error.message(), HasSubstr("was dropped and made again"));
  }
}

TEST_F(DamagedLogTest, ALogThatWasCleanedUpGoesOn) {
  const Table before = reopen();
  add(4);
  add(5);
  reopen().checkpoint();
  for (int version = 0; version < 5; ++version) fs::remove(entry_path(version));
  EXPECT_EQ(before.refreshed().version(), 5U);
  EXPECT_EQ(before.refreshed().files({}).size(), 5U);
}

TEST_F(DamagedLogTest, ACommitIsNotMadeInTheGapOfALogThatWasCleanedUp) {
  const Table before = reopen();
  add(4);
  add(5);
  reopen().checkpoint();
  for (int version = 0; version < 5; ++version) fs::remove(entry_path(version));
  try {
    before.commit(day("2021-01-09", "late.parquet", "late"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kConflict);  // the same run again succeeds
    EXPECT_THAT(error.message(), HasSubstr(entry_path(3) + " is no longer what it was: the log was cleaned up"));
    EXPECT_EQ(error.hint(), "Run again.");
  }
  EXPECT_FALSE(fs::exists(entry_path(4)));  // nobody would ever read it
  EXPECT_EQ(live(), 5U);
}

TEST_F(DamagedLogTest, CommitsOnTopOfARemovedLogAreNotMade) {
  const Table before = reopen();
  fs::remove_all(root_ + "/_delta_log");
  EXPECT_NE(before.commit(day("2021-01-01", "x.parquet", "late")).kind, CommitOutcome::Kind::kCommitted);
  EXPECT_FALSE(fs::exists(root_ + "/_delta_log"));
}

}  // namespace
}  // namespace metl::table
