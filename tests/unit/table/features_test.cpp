// Table features that a writer has to know: which tables are written to, and what a commit then says.
#include "fixture.h"

namespace metl::table {
namespace {

using testing::Each;
using testing::HasSubstr;

class FeaturesTest : public LakeTest {
 protected:
  static TableSpec with(const std::map<std::string, std::string>& properties) {
    TableSpec wanted = spec();
    wanted.properties = properties;
    return wanted;
  }

  // Version 1 states a protocol, and metadata with more properties and other text in its schema.
  void restate(const std::string& protocol, const std::map<std::string, std::string>& properties = {},
               const std::string& column_metadata = "{}") const {
    auto metadata = actions(0, "metaData").at(0);
    for (const auto& [key, value] : properties) metadata["configuration"][key] = value;
    std::string schema = metadata["schemaString"];
    const std::string plain = "\"metadata\":{}";
    schema.replace(schema.find(plain), plain.size(), "\"metadata\":" + column_metadata);
    metadata["schemaString"] = schema;
    write_entry(1, "{\"protocol\":" + protocol + "}\n" + nlohmann::json{{"metaData", metadata}}.dump() + "\n");
  }

  void expect_unwritable(const std::string& message) const {
    try {
      reopen().require_writable();
      FAIL() << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kRunFailed);
      EXPECT_THAT(error.message(), HasSubstr(message));
      EXPECT_FALSE(error.hint().empty());
    }
    EXPECT_THROW(reopen().commit(day("2021-01-01", "x.parquet")), Error);
  }
};

const char* const kAllListed =
    R"({"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["appendOnly","invariants","checkConstraints",)"
    R"("changeDataFeed","generatedColumns","identityColumns"]})";

TEST_F(FeaturesTest, OldWriterVersionsAreWrittenWhereNothingOfThemIsUsed) {
  for (const std::string protocol :
       {R"({"minReaderVersion":1,"minWriterVersion":3})", R"({"minReaderVersion":1,"minWriterVersion":4})",
        R"({"minReaderVersion":2,"minWriterVersion":5})", R"({"minReaderVersion":2,"minWriterVersion":6})",
        kAllListed}) {
    create();
    restate(protocol);
    reopen().require_writable();
    reopen().commit(day("2021-01-01", "a.parquet", "r1"));
    reopen().checkpoint();
    EXPECT_EQ(reopen().commit(day("2021-01-01", "b.parquet", "r2")).files_replaced, 1) << protocol;
    EXPECT_TRUE(reopen().add_columns({{"more", *parse_type("int"), true, ""}}));
    for (int version = 2; version <= 4; ++version) EXPECT_TRUE(actions(version, "protocol").empty()) << protocol;
    EXPECT_EQ(paths(reopen().files({})).size(), 1U);
    std::filesystem::remove_all(root_);
  }
}

TEST_F(FeaturesTest, WhatIsUsedOfThemIsNamed) {
  create();
  for (const std::string protocol : {R"({"minReaderVersion":1,"minWriterVersion":6})", kAllListed}) {
    restate(protocol, {{"delta.constraints.positive", "id > 0"}});
    expect_unwritable("CHECK constraints");
    restate(protocol, {}, R"({"delta.generationExpression":"1"})");
    expect_unwritable("generated columns");
    restate(protocol, {}, R"({"delta.identity.start":1})");
    expect_unwritable("identity columns");
  }
}

TEST_F(FeaturesTest, AChangeFeedSeesAReplacedPartition) {
  Table::create(root_, with({{"delta.enableChangeDataFeed", "true"}}));
  reopen().commit(day("2021-01-01", "a.parquet", "r1"));
  EXPECT_EQ(reopen().commit(day("2021-01-01", "b.parquet", "r2")).files_replaced, 1);
  for (const char* kind : {"add", "remove"}) {
    ASSERT_EQ(actions(2, kind).size(), 1U);
    EXPECT_EQ(actions(2, kind).at(0)["dataChange"], true);
  }
  EXPECT_EQ(actions(2, "commitInfo").at(0)["operation"], "WRITE");
  Change compaction = day("2021-01-01", "c.parquet", "r3");
  compaction.data_change = false;
  reopen().commit(compaction);
  EXPECT_EQ(actions(3, "add").at(0)["dataChange"], false);
}

TEST_F(FeaturesTest, RowsOfAReplacedPartitionGetIdentitiesOfTheirOwn) {
  Table::create(root_, with({{"delta.enableRowTracking", "true"}}));
  reopen().commit(day("2021-01-01", "a.parquet", "r1"));
  EXPECT_EQ(reopen().commit(day("2021-01-01", "b.parquet", "r2")).files_replaced, 1);
  EXPECT_EQ(actions(1, "add").at(0)["baseRowId"], 0);
  EXPECT_EQ(actions(2, "add").at(0)["baseRowId"], 3);
  EXPECT_EQ(actions(2, "add").at(0)["defaultRowCommitVersion"], 2);
  EXPECT_THAT(actions(2, "domainMetadata").at(0)["configuration"].get<std::string>(), HasSubstr("5"));
}

}  // namespace
}  // namespace metl::table
