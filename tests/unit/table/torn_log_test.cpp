#include "fixture.h"

namespace metl::table {
namespace {

using testing::HasSubstr;
using testing::Not;

class TornLogTest : public LakeTest {
 protected:
  void SetUp() override {
    LakeTest::SetUp();
    create().commit(day("2021-01-01", "a.parquet", "r1"));
    reopen().commit(day("2021-01-02", "b.parquet", "r2"));
  }

  void expect_error(const std::string& message, const std::string& hint) const {
    const Error error = open_error();
    EXPECT_EQ(error.code(), ExitCode::kRunFailed);
    EXPECT_THAT(error.message(), HasSubstr(message));
    EXPECT_THAT(error.hint(), HasSubstr(hint));
  }

  // Opening to read is in order, writing is not.
  void expect_unwritable(const std::string& message, const std::string& hint) const {
    try {
      reopen().require_writable();
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kRunFailed);
      EXPECT_THAT(error.message(), HasSubstr(message));
      EXPECT_THAT(error.hint(), HasSubstr(hint));
    }
  }

  // Version 3 sets a protocol of that many features.
  void write_protocol(const std::string& reader, const std::string& writer) const {
    write_entry(3, fmt::format(R"({{"protocol":{{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":[{}],)"
                               R"("writerFeatures":[{}]}}}})",
                               reader, writer));
  }
};

TEST_F(TornLogTest, CutOffEntryIsNamed) {
  const std::string text = entry_text(2);
  write_entry(2, text.substr(0, text.size() - 20));
  expect_error(entry_path(2) + " is torn: line 3 is not a whole JSON object", "newest entry");
}

TEST_F(TornLogTest, CutOffOlderEntryIsNamed) {
  const std::string text = entry_text(1);
  write_entry(1, text.substr(0, text.find('\n') + 30));
  // Opening need not read it when the newer entries say enough; asking for files does.
  try {
    const auto table = Table::open(root_);
    table->files({{"run_date", "2021-01-01"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr(entry_path(1) + " is torn: line 2"));
  }
}

TEST_F(TornLogTest, EmptyEntryIsNamed) {
  write_entry(2, "");
  expect_error(entry_path(2) + " is empty", "newest entry");
  write_entry(2, R"({"txn":{"appId":"x","version":1}})");
  write_entry(1, "");
  expect_error(entry_path(1) + " is empty", "backup");
}

TEST_F(TornLogTest, GapIsNamed) {
  std::filesystem::remove(entry_path(1));
  expect_error(entry_path(1) + " is missing, though version 2 exists", "backup");
  std::filesystem::remove(entry_path(0));
  expect_error(entry_path(0) + " is missing", "backup");
}

TEST_F(TornLogTest, EmptyCheckpointIsNamed) {
  std::ofstream(root_ + "/_delta_log/00000000000000000002.checkpoint.parquet");
  EXPECT_EQ(reopen().version(), 2U);  // the entries hold the same
  std::filesystem::remove(entry_path(0));
  expect_error("00000000000000000002.checkpoint.parquet is empty", "backup");
}

TEST_F(TornLogTest, TornEntryStopsACommit) {
  const Table table = reopen();
  write_entry(3, "{\"commitInfo\":");
  EXPECT_THROW(table.commit(day("2021-01-03", "c.parquet", "r3")), Error);
  EXPECT_FALSE(std::filesystem::exists(entry_path(4)));
}

TEST_F(TornLogTest, UnknownReaderFeatureIsNamed) {
  write_protocol(R"("timeMachine")", R"("timeMachine")");
  expect_error("timeMachine", "newer movies-etl");
}

TEST_F(TornLogTest, UnknownWriterFeatureIsNamedToWriters) {
  write_protocol("", R"("appendOnly","holograms")");
  expect_unwritable("holograms", "newer movies-etl");
}

TEST_F(TornLogTest, FutureProtocolIsNamed) {
  write_entry(3, R"({"protocol":{"minReaderVersion":9,"minWriterVersion":9}})");
  expect_error("9", "newer movies-etl");
}

TEST_F(TornLogTest, ColumnMappingIsReadAndNotWritten) {
  auto metadata = actions(0, "metaData").at(0);
  metadata["configuration"]["delta.columnMapping.mode"] = "name";
  std::string schema = metadata["schemaString"];
  int id = 0;
  for (size_t at = 0; (at = schema.find("\"metadata\":{}", at)) != std::string::npos; at += 13) {
    ++id;
    schema.replace(
        at, 13,
        fmt::format(R"("metadata":{{"delta.columnMapping.id":{0},"delta.columnMapping.physicalName":"c{0}"}})", id));
  }
  metadata["schemaString"] = schema;
  write_protocol(R"("columnMapping")", R"("columnMapping")");
  write_entry(3, entry_text(3) + "\n" + nlohmann::json{{"metaData", metadata}}.dump());
  expect_unwritable("column mapping", "checks can read it");
  EXPECT_EQ(reopen().stored_columns().at(0).name, "c1");
}

}  // namespace
}  // namespace metl::table
