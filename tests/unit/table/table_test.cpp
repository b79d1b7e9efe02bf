#include "fixture.h"

namespace metl::table {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using TableTest = LakeTest;

TEST_F(TableTest, IsAbsentWithoutLog) {
  EXPECT_FALSE(Table::open(root_));
  std::filesystem::create_directories(root_ + "/run_date=2021-01-01");
  std::ofstream(root_ + "/run_date=2021-01-01/staged.parquet") << "bytes";
  EXPECT_FALSE(Table::open(root_));
  std::filesystem::create_directories(root_ + "/_delta_log");
  EXPECT_FALSE(Table::open(root_));
}

TEST_F(TableTest, IsCreatedWithColumnsCommentsAndProperties) {
  TableSpec wanted = spec();
  wanted.columns[0].comment = "The movie's \"key\"";
  wanted.columns.insert(wanted.columns.begin() + 1,
                        {"genres", *parse_type("array<struct<id:bigint,name:string>>"), true, "Genres"});
  wanted.columns.insert(wanted.columns.begin() + 2, {"cost", *parse_type("decimal(10,2)"), true, ""});
  wanted.properties = {{"delta.autoOptimize.optimizeWrite", "true"},
                       {"delta.autoOptimize.autoCompact", "false"},
                       {"delta.deletedFileRetentionDuration", "interval 7 days"}};
  const Table table = Table::create(root_, wanted);
  EXPECT_EQ(table.version(), 0U);
  EXPECT_EQ(table.columns(), wanted.columns);
  EXPECT_EQ(table.columns()[0].comment, "The movie's \"key\"");
  EXPECT_EQ(table.columns()[1].comment, "Genres");
  EXPECT_EQ(table.partition_columns(), wanted.partition_columns);
  EXPECT_EQ(table.properties(), wanted.properties);
  EXPECT_EQ(table.root(), root_);
  // The oldest protocol that is enough: readers of any age.
  const auto protocol = actions(0, "protocol").at(0);
  EXPECT_EQ(protocol, (nlohmann::json{{"minReaderVersion", 1}, {"minWriterVersion", 2}}));
}

TEST_F(TableTest, NeedsTheNewProtocolOnlyForWhatTheOldHasNot) {
  TableSpec wanted = spec();
  wanted.columns[0].type = *parse_type("timestamp_ntz");
  Table::create(root_, wanted);
  EXPECT_THAT(actions(0, "protocol").at(0)["readerFeatures"], ElementsAre("timestampNtz"));
}

TEST_F(TableTest, RefusesAnUnknownProperty) {
  TableSpec wanted = spec();
  wanted.properties = {{"delta.autoOptimise", "true"}};
  try {
    Table::create(root_, wanted);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kRunFailed);
    EXPECT_THAT(error.message(), HasSubstr("delta.autoOptimise"));
  }
}

TEST_F(TableTest, CreatingAgainOpensWhatIsThere) {
  create().commit(day("2021-01-01", "a.parquet"));
  TableSpec other = spec();
  other.columns[0].name = "other";
  const Table table = Table::create(root_, other);
  EXPECT_EQ(table.version(), 1U);
  EXPECT_EQ(table.columns()[0].name, "id");
}

TEST_F(TableTest, ReplacesOnePartitionAndNothingElse) {
  create().commit(day("2021-01-01", "a.parquet", "r1"));
  reopen().commit(day("2021-01-02", "b.parquet", "r2"));
  const CommitOutcome outcome = reopen().commit(day("2021-01-01", "c.parquet", "r3"));
  EXPECT_EQ(outcome.kind, CommitOutcome::Kind::kCommitted);
  EXPECT_EQ(outcome.version, 3U);
  EXPECT_EQ(outcome.attempts, 1U);

  const Table table = reopen();
  EXPECT_THAT(paths(table.files({{"run_date", "2021-01-01"}})), ElementsAre("run_date=2021-01-01/c.parquet"));
  EXPECT_THAT(paths(table.files({{"run_date", "2021-01-02"}})), ElementsAre("run_date=2021-01-02/b.parquet"));
  const File file = table.files({{"run_date", "2021-01-01"}}).at(0);
  EXPECT_EQ(file.bytes, 10U);
  EXPECT_EQ(file.rows, 3);
  EXPECT_EQ(file.modified_millis, 5);
  EXPECT_FALSE(file.deletion_vector);

  ASSERT_EQ(actions(3, "remove").size(), 1U);
  const auto removed = actions(3, "remove").at(0);
  EXPECT_EQ(removed["path"], "run_date=2021-01-01/a.parquet");
  EXPECT_EQ(removed["partitionValues"]["run_date"], "2021-01-01");
  EXPECT_EQ(removed["size"], 10);
  EXPECT_EQ(removed["dataChange"], true);
}

TEST_F(TableTest, ReplacesByNothing) {
  create().commit(day("2021-01-01", "a.parquet", "r1"));
  EXPECT_EQ(reopen().commit(day("2021-01-01", "", "r2")).version, 2U);
  EXPECT_THAT(reopen().files({{"run_date", "2021-01-01"}}), IsEmpty());
  EXPECT_EQ(reopen().commit(day("2021-01-01", "", "r3")).version, 3U);
}

TEST_F(TableTest, SaysWhatItDidInCommitInfo) {
  Change change = day("2021-01-01", "a.parquet");
  change.operation_parameters = {{"mode", "Overwrite"}, {"partitionBy", R"(["run_date"])"}};
  change.operation_metrics = {{"numFiles", "1"}};
  change.user_metadata = R"({"run_id":"run"})";
  create().commit(change);
  const auto info = actions(1, "commitInfo").at(0);
  EXPECT_EQ(info["operation"], "WRITE");
  EXPECT_EQ(info["operationParameters"], nlohmann::json(change.operation_parameters));
  EXPECT_EQ(info["operationMetrics"], nlohmann::json(change.operation_metrics));
  EXPECT_EQ(info["userMetadata"], change.user_metadata);
  EXPECT_THAT(info["engineInfo"].get<std::string>(), HasSubstr("movies-etl/"));
}

TEST_F(TableTest, CountsTransactionsOfOneApplication) {
  create().commit(day("2021-01-01", "a.parquet", "r1"));
  reopen().commit(day("2021-01-01", "b.parquet", "r2"));
  Change other = day("2021-01-01", "c.parquet", "r3");
  other.app_id = "other";
  reopen().commit(other);
  reopen().checkpoint();
  reopen().commit(day("2021-01-01", "d.parquet", "r4"));
  EXPECT_EQ(actions(1, "txn").at(0)["version"], 0);
  EXPECT_EQ(actions(2, "txn").at(0)["version"], 1);
  EXPECT_EQ(actions(3, "txn").at(0)["version"], 0);
  EXPECT_EQ(actions(4, "txn").at(0)["version"], 2);
  EXPECT_EQ(actions(4, "txn").at(0)["appId"], "movies-etl:2021-01-01");
}

TEST_F(TableTest, CompactionChangesNoData) {
  create().commit(day("2021-01-01", "a.parquet", "r1"));
  Change compaction = day("2021-01-01", "b.parquet", "r2");
  compaction.operation = "OPTIMIZE";
  compaction.data_change = false;
  reopen().commit(compaction);
  EXPECT_EQ(actions(2, "add").at(0)["dataChange"], false);
  EXPECT_EQ(actions(2, "remove").at(0)["dataChange"], false);
  EXPECT_EQ(actions(2, "commitInfo").at(0)["operation"], "OPTIMIZE");
}

TEST_F(TableTest, AddsColumnsWithComments) {
  create().commit(day("2021-01-01", "a.parquet"));
  const Table before = reopen();
  EXPECT_TRUE(
      before.add_columns({{"title", *parse_type("string"), true, "Its name"}, {"year", *parse_type("int"), true, ""}}));
  EXPECT_FALSE(before.add_columns({{"late", *parse_type("string"), true, ""}}));  // no longer the newest version
  const Table after = reopen();
  ASSERT_EQ(after.columns().size(), 4U);
  EXPECT_EQ(after.columns()[2].name, "title");
  EXPECT_EQ(after.columns()[2].comment, "Its name");
  EXPECT_EQ(type_name(after.columns()[3].type), "int");
  EXPECT_EQ(after.files({{"run_date", "2021-01-01"}}).size(), 1U);
}

TEST_F(TableTest, ReadsOnFromACheckpoint) {
  Table table = create();
  for (int i = 0; i < 3; ++i) {
    table.commit(day("2021-01-01", fmt::format("{}.parquet", i), fmt::format("r{}", i)));
    table = reopen();
  }
  table.checkpoint();
  table.checkpoint();  // there already: nothing to do
  for (const char* name : {"00000000000000000003.checkpoint.parquet", "_last_checkpoint"}) {
    EXPECT_GT(std::filesystem::file_size(root_ + "/_delta_log/" + name), 0U);
  }
  for (int version = 0; version < 3; ++version) std::filesystem::remove(entry_path(version));
  const Table after = reopen();
  EXPECT_EQ(after.version(), 3U);
  EXPECT_THAT(paths(after.files({{"run_date", "2021-01-01"}})), ElementsAre("run_date=2021-01-01/2.parquet"));
  EXPECT_EQ(after.files({{"run_date", "2021-01-01"}}).at(0).rows, 3);
  EXPECT_EQ(after.commit(day("2021-01-01", "3.parquet", "r3")).version, 4U);
}

TEST_F(TableTest, EncodesPathsAndTakesAnyFolder) {
  root_ = folder_ + "/a b%20c+d=é#1?x";
  const std::string value = "x y/50% é+1:2";
  Change change = day("2021-01-01", "");
  change.partitions = {{{{"run_date", value}}, {}}};
  change.partitions[0].add = {{"run_date=x y%2F50%25 é+1%3A2/part 1.parquet", 10, 3, 5, "", false}};
  EXPECT_EQ(create().commit(change).kind, CommitOutcome::Kind::kCommitted);
  EXPECT_EQ(actions(1, "add").at(0)["path"], "run_date=x%20y%252F50%2525%20%C3%A9%2B1%253A2/part%201.parquet");
  EXPECT_EQ(actions(1, "add").at(0)["partitionValues"]["run_date"], value);
  reopen().checkpoint();
  EXPECT_THAT(paths(reopen().files({{"run_date", value}})), ElementsAre(change.partitions[0].add[0].path));
  change.run_id = "again";
  change.partitions[0].add[0].path = "run_date=other";
  EXPECT_EQ(reopen().commit(change).version, 2U);
  EXPECT_THAT(paths(reopen().files({{"run_date", value}})), ElementsAre("run_date=other"));
}

TEST_F(TableTest, WritesStatisticsAsGiven) {
  TableSpec wanted;
  for (const char* column :
       {"flag boolean", "n bigint", "f float", "d double", "s string", "st struct<a:bigint,b:string>", "day date",
        "at timestamp", "cost decimal(10,2)", "list array<bigint>", "gone int"}) {
    const std::string text = column;
    const size_t space = text.find(' ');
    wanted.columns.push_back({text.substr(0, space), *parse_type(text.substr(space + 1)), true, ""});
  }
  wanted.columns.push_back({"run_date", *parse_type("string"), true, ""});
  wanted.partition_columns = {"run_date"};
  const auto stats = nlohmann::json::parse(R"({
    "numRecords": 7,
    "minValues": {"n": -9007199254740993, "f": 0.1, "d": 1e-7, "s": "a\"é", "st": {"a": 1, "b": "x"}, "day": "2021-01-01",
                  "at": "2021-01-01T01:02:03.004Z", "cost": 12.30},
    "maxValues": {"n": 9007199254740993, "f": 3.5, "d": 1e300, "s": "z", "st": {"a": 2}, "day": "2021-12-31",
                  "at": "2021-01-02T00:00:00.000Z", "cost": 99999999.99},
    "nullCount": {"flag": 1, "n": 0, "f": 0, "d": 0, "s": 0, "st": {"a": 0, "b": 3}, "day": 0, "at": 0, "cost": 0, "list": 2},
    "tightBounds": true})");
  Change change = day("2021-01-01", "a.parquet");
  change.partitions[0].add[0].stats_json = stats.dump();
  change.partitions[0].add.push_back({"run_date=2021-01-01/b.parquet", 1, -1, 5, "", false});
  Table::create(root_, wanted).commit(change);

  const auto added = actions(1, "add");
  ASSERT_EQ(added.size(), 2U);
  EXPECT_EQ(nlohmann::json::parse(added[0]["stats"].get<std::string>()), stats);
  EXPECT_FALSE(added[1].contains("stats"));
  reopen().checkpoint();
  const std::vector<File> files = reopen().files(change.partitions[0].partition);
  EXPECT_EQ(nlohmann::json::parse(files.at(0).stats_json), stats);
  EXPECT_EQ(files.at(0).rows, 7);
  EXPECT_EQ(files.at(1).rows, -1);
}

TEST_F(TableTest, RefusesStatisticsThatAreNone) {
  const Table table = create();
  for (const char* text : {"[1]", "{\"numRecords\":1} {}", "{"}) {
    Change change = day("2021-01-01", "a.parquet");
    change.partitions[0].add[0].stats_json = text;
    EXPECT_THROW(table.commit(change), Error) << text;
  }
  EXPECT_EQ(reopen().version(), 0U);
}

}  // namespace
}  // namespace metl::table
