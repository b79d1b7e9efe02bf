// Staging a day on DuckDB: which rows stay, that the result does not depend on files or threads, statistics, errors.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "base/error.h"
#include "engine/duckdb/duckdb_engine.h"

namespace metl::engine {
namespace {

namespace fs = std::filesystem;

Schema columns(const std::vector<std::pair<std::string, std::string>>& names_and_types) {
  Schema out;
  for (const auto& [name, type] : names_and_types) out.push_back({name, *parse_type(type), true, {}});
  return out;
}

const Schema kSource = columns({{"movie_id", "bigint"},
                                {"user_id", "bigint"},
                                {"rating", "float"},
                                {"timestamp", "bigint"},
                                {"title", "string"},
                                {"genres", "array<struct<id:bigint,name:string>>"}});

class Stage : public ::testing::Test {
 protected:
  Stage()
      : folder_(fs::temp_directory_path() / fs::path("metl-stage-" + std::to_string(::getpid()) + "-" +
                                                     ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "out");
  }
  ~Stage() override { fs::remove_all(folder_); }

  // One raw file a SELECT.
  std::vector<SourceFile> raw(DuckdbEngine& engine, const std::vector<std::string>& selects) {
    std::vector<std::string> paths;
    for (size_t i = 0; i < selects.size(); ++i) {
      const auto files =
          engine.write(selects[i], {.folder = folder_, .name_prefix = "raw" + std::to_string(i), .cluster_by = {}}, {});
      for (const auto& file : files) paths.push_back(file.path);
    }
    return engine.inspect(paths);
  }

  StageRequest request(std::vector<SourceFile> sources, const std::string& name) {
    fs::create_directories(folder_ / "out" / name);
    return {.sources = std::move(sources),
            .source_columns = kSource,
            .dedupe = Dedupe{{"movie_id", "user_id"}, {"timestamp"}},
            .select = "SELECT * FROM source",
            .target_columns = kSource,
            .write = {.folder = folder_ / "out" / name, .name_prefix = "part", .cluster_by = {"movie_id", "user_id"}}};
  }

  static std::vector<std::string> paths(const StageResult& result) {
    std::vector<std::string> out;
    for (const auto& file : result.files) out.push_back(file.path);
    return out;
  }

  // All rows as text, sorted.
  std::string content(DuckdbEngine& engine, const StageResult& result) {
    engine.create_view("result", kSource, {{paths(result), {}}});
    std::string out;
    for (const auto& row : engine.query("SELECT * FROM result ORDER BY ALL").rows) {
      for (const auto& value : row) out += to_text(value) + "|";
      out += "\n";
    }
    return out;
  }

  fs::path folder_;
};

std::string values(const std::string& rows) {
  return "SELECT m::BIGINT AS movie_id, u::BIGINT AS user_id, r::FLOAT AS rating, t::BIGINT AS timestamp, n::VARCHAR "
         "AS title, "
         "g::STRUCT(id BIGINT, name VARCHAR)[] AS genres FROM (VALUES " +
         rows + ") AS v(m, u, r, t, n, g)";
}

TEST_F(Stage, KeepsTheEarliestNullFirstAndBreaksTiesByContent) {
  DuckdbEngine engine({});
  const auto sources = raw(
      engine, {values("(1, 1, 5, 20, 'late', []), (1, 1, 4, 10, 'early', []), (2, 2, 3, 5, 'x', []), "
                      "(2, 2, 3, NULL, 'null first', [])"),
               values("(3, 3, 2, 7, 'b', []), (3, 3, 1, 7, 'z', []), (4, 4, 1, 7, 'b', []), (4, 4, 1, 7, 'a', NULL), "
                      "(5, 5, 1, 1, 'same', []), (5, 5, 1, 1, 'same', [])"),
               values("(NULL, 1, 1, 2, 'dropped', []), (NULL, 1, 1, 1, 'kept', []), (NULL, NULL, 1, 1, 'alone', [])")});
  const auto result = engine.stage(request(sources, "a"), {});
  EXPECT_EQ(result.duplicates, 6);
  EXPECT_EQ(result.rows, 7);
  EXPECT_EQ(content(engine, result),
            "NULL|NULL|1|1|alone|[]|\nNULL|1|1|1|kept|[]|\n1|1|4|10|early|[]|\n2|2|3|NULL|null first|[]|\n"
            "3|3|1|7|z|[]|\n4|4|1|7|a|NULL|\n5|5|1|1|same|[]|\n");
}

// As Spark has it, for values of a dictionary and others, NULLs and texts of any length.
TEST_F(Stage, LettersMayBecomeSeveralInAnotherCase) {
  DuckdbEngine engine({});
  const auto files = engine.write(
      "SELECT ['straße', 'ﬁ', NULL, 'ascii that is too long to be inlined', ''][i % 5 + 1] AS few, 'ß' || i AS many "
      "FROM range(100000) AS t(i)",
      {.folder = folder_, .name_prefix = "letters", .cluster_by = {}}, {});
  engine.create_view("letters", columns({{"few", "string"}, {"many", "string"}}), {{{files.at(0).path}, {}}});
  EXPECT_EQ(engine.query("SELECT DISTINCT upper(few) FROM letters ORDER BY ALL NULLS FIRST").rows,
            (std::vector<std::vector<Value>>{{Value()},
                                             {std::string()},
                                             {std::string("ASCII THAT IS TOO LONG TO BE INLINED")},
                                             {std::string("FI")},
                                             {std::string("STRASSE")}}));
  EXPECT_EQ(
      engine.query("SELECT count(*) FROM letters WHERE upper(many) LIKE 'SS%' AND ucase(many) = upper(many)").rows,
      (std::vector<std::vector<Value>>{{int64_t{100000}}}));
  EXPECT_EQ(engine.query("SELECT lower('ΟΔΟΣ'), lcase('İ') = lower('İ')").rows,
            (std::vector<std::vector<Value>>{{std::string("οδος"), true}}));
}

// As Spark does it, where DuckDB's own cast rounds.
TEST_F(Stage, CutsTheFractionOfWhatBecomesAWholeNumber) {
  DuckdbEngine engine({});
  auto asked = request(
      raw(engine, {values("(1, 1, 0.75, 0, 'x', []), (2, 1, -1.75, 0, 'x', []), (3, 1, NULL, 0, 'x', [])")}), "a");
  asked.select = "SELECT * REPLACE (rating AS timestamp, CAST(2.99 AS DECIMAL(5,2)) AS user_id) FROM source";
  EXPECT_EQ(content(engine, engine.stage(asked, {})), "1|2|0.75|0|x|[]|\n2|2|-1.75|-1|x|[]|\n3|2|NULL|NULL|x|[]|\n");
}

TEST_F(Stage, DoesNotDependOnFileOrderThreadsOrPartSize) {
  const std::string day =
      "SELECT (i * 7919 % 4000)::BIGINT AS movie_id, (i % 7)::BIGINT AS user_id, (i % 11)::FLOAT AS rating, "
      "(i % 3)::BIGINT AS timestamp, 'title ' || (i % 5) AS title, [{{'id': i % 2, 'name': 'g'}}] AS genres "
      "FROM range({}, {}) AS t(i)";
  std::string expected;
  for (const int threads : {1, 4}) {
    DuckdbEngine engine(
        {.memory_limit = threads == 1 ? 0 : 200'000'000, .threads = threads, .temp_directory = folder_ / "tmp"});
    auto sources =
        raw(engine, {fmt::format(fmt::runtime(day), 0, 50000), fmt::format(fmt::runtime(day), 50000, 400000)});
    for (int order = 0; order < 2; ++order) {
      std::swap(sources.front(), sources.back());
      const auto result = engine.stage(request(sources, fmt::format("t{}{}", threads, order)), {});
      EXPECT_EQ(result.rows, 28000);
      EXPECT_EQ(result.duplicates, 372000);
      const std::string got = content(engine, result);
      if (expected.empty()) expected = got;
      EXPECT_TRUE(got == expected) << "threads " << threads << ", order " << order;
    }
  }
}

TEST_F(Stage, CutsABigFileIntoPartsWithoutLosingRows) {
  DuckdbEngine engine({});
  const auto sources = raw(
      engine, {"SELECT i AS movie_id, i AS user_id, 1::FLOAT AS rating, i AS timestamp, 'x' AS title, NULL::STRUCT(id "
               "BIGINT, name VARCHAR)[] AS genres FROM range(1000003) AS t(i)"});
  auto day = request(sources, "a");
  day.write.target_bytes = sources[0].bytes / 4 + 1;
  const auto result = engine.stage(day, {});
  EXPECT_EQ(result.files.size(), 4U);
  EXPECT_EQ(result.rows, 1000003);
  engine.create_view("result", kSource, {{paths(result), {}}});
  EXPECT_EQ(to_text(engine.query("SELECT count(DISTINCT movie_id) FROM result").rows[0][0]), "1000003");
}

TEST_F(Stage, AnAggregateSeesTheWholeDay) {
  DuckdbEngine engine({});
  auto day = request(raw(engine, {values("(1, 1, 5, 20, 'a', [])"), values("(1, 2, 3, 20, 'a', [])")}), "a");
  day.select = "SELECT movie_id, count(*) AS n, avg(rating) AS mean FROM source GROUP BY movie_id";
  day.target_columns = columns({{"movie_id", "bigint"}, {"n", "bigint"}, {"mean", "double"}});
  day.write.cluster_by = {"movie_id"};
  const auto result = engine.stage(day, {});
  ASSERT_EQ(result.rows, 1);
  Schema columns = day.target_columns;
  columns.push_back({"run_date", *parse_type("string"), true, ""});
  engine.create_view("result", columns, {{paths(result), {{"run_date", "2021-01-01"}}}});
  const auto row = engine.query("SELECT * FROM result").rows.at(0);
  EXPECT_EQ(to_text(row[1]), "2");
  EXPECT_EQ(to_text(row[2]), "4");
  EXPECT_EQ(to_text(row[3]), "2021-01-01");
}

TEST_F(Stage, StatisticsAreThoseOfTheRows) {
  DuckdbEngine engine({});
  const auto files = engine.write(
      "SELECT * FROM (VALUES (1::BIGINT, true, 'a', {'in': 2}, 'nan'::FLOAT, [1]), (3, false, NULL, {'in': 7}, 1, "
      "NULL), "
      "(NULL, NULL, 'b', NULL, NULL, NULL)) AS t(i, b, s, \"st\", f, l)",
      {.folder = folder_ / "out", .name_prefix = "s", .cluster_by = {}}, {});
  ASSERT_EQ(files.size(), 1U);
  const auto& stats = files[0].stats;
  EXPECT_EQ(files[0].rows, 3);
  EXPECT_EQ(files[0].bytes, fs::file_size(files[0].path));
  EXPECT_EQ(stats.at({"i"}).min, "1");
  EXPECT_EQ(stats.at({"i"}).max, "3");
  EXPECT_EQ(stats.at({"i"}).null_count, 1);
  EXPECT_EQ(stats.at({"b"}).min, "0");
  EXPECT_EQ(stats.at({"b"}).max, "1");
  EXPECT_EQ(stats.at({"s"}).max, "b");
  EXPECT_EQ((stats.at({"st", "in"}).max), "7");
  EXPECT_FALSE(stats.at({"f"}).min) << "a NaN leaves no bounds";
  EXPECT_EQ(stats.size(), 5U) << "none of the list";
}

// DuckDB says no bounds of texts beyond 256 bytes whose last letters it cannot round up.
TEST_F(Stage, LongTextsHaveBoundsToo) {
  DuckdbEngine engine({});
  const auto files = engine.write(
      "SELECT repeat('é', 100 + i::INT) AS s, {'x\"y': chr(1114111) || repeat('ü', 200)} AS st FROM range(100) AS t(i)",
      {.folder = folder_ / "out", .name_prefix = "s", .cluster_by = {}}, {});
  std::string letters;
  for (int i = 0; i < 65; ++i) letters += "é";
  EXPECT_EQ(files.at(0).stats.at({"s"}).min, letters);
  EXPECT_EQ(files.at(0).stats.at({"s"}).max, letters);
  EXPECT_TRUE((files.at(0).stats.at({"st", "x\"y"}).max)->starts_with("\xF4\x8F\xBF\xBFü"));
}

// Which encodings a file has that its writer may choose: as one text, dictionaries left out.
std::string encodings_of(DuckdbEngine& engine, const std::string& path) {
  const auto found = engine.query(
      fmt::format("SELECT string_agg(DISTINCT encodings, ' ' ORDER BY encodings) FROM parquet_metadata(['{}']) "
                  "WHERE encodings NOT LIKE '%DICTIONARY%'",
                  path));
  return to_text(found.rows.at(0).at(0));
}

// delta-rs of 2026 cannot skip inside integers that are delta-encoded as DuckDB does it.
TEST_F(Stage, WritesTheFormatThatEveryReaderFiltersBy) {
  DuckdbEngine engine({});
  const auto files = engine.write("SELECT i, sqrt(i) AS root FROM range(100000) AS t(i)",
                                  {.folder = folder_ / "out", .name_prefix = "s", .cluster_by = {}}, {});
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(encodings_of(engine, files[0].path), "PLAIN");
  EXPECT_THAT(files[0].path, testing::EndsWith(".zstd.parquet"));
}

// Spark 4.2 refuses BYTE_STREAM_SPLIT, which format version 2 brings for floating point columns of many values.
TEST_F(Stage, NoFileOfVersion2IsEncodedAsSparkCannotReadIt) {
  DuckdbEngine engine({});
  const WriteOptions options{.folder = folder_ / "out", .name_prefix = "s", .cluster_by = {}, .parquet_version = "v2"};
  const auto integers = engine.write("SELECT i FROM range(100000) AS t(i)", options, {});
  EXPECT_EQ(encodings_of(engine, integers.at(0).path), "DELTA_BINARY_PACKED");
  const auto reals = engine.write("SELECT i, sqrt(i) AS root FROM range(100000) AS t(i)", options, {});
  ASSERT_EQ(reals.size(), 1U);
  EXPECT_EQ(reals[0].rows, 100000);
  EXPECT_EQ(encodings_of(engine, reals[0].path), "PLAIN") << "written again as version 1";
}

TEST_F(Stage, CountsDuplicateKeysAsSodaDoes) {
  DuckdbEngine engine({});
  const auto sources =
      raw(engine,
          {values("(1, 1, 5, 1, 'a', []), (1, 1, 5, 2, 'a', []), (1, 1, 5, 3, 'a', []), (2, 2, 1, 1, 'a', []), "
                  "(2, 2, 2, 2, 'b', []), (3, NULL, 1, 1, 'a', []), (3, NULL, 1, 1, 'a', []), (4, 4, 1, 1, 'a', [])")});
  engine.create_view("v", kSource, {{{sources[0].path}, {}}});
  EXPECT_EQ(engine.duplicate_keys("v", {"movie_id", "user_id"}, ""), 2);
  EXPECT_EQ(engine.duplicate_keys("v", {"movie_id", "user_id"}, "title = 'a'"), 1);
}

TEST_F(Stage, NamesTheFileThatIsNotParquet) {
  DuckdbEngine engine({});
  auto sources = raw(engine, {values("(1, 1, 5, 1, 'a', [])")});
  const std::string whole = sources[0].path;
  const std::string cut = folder_ / "cut.parquet";
  fs::copy_file(whole, cut);
  fs::resize_file(cut, fs::file_size(cut) / 2);
  try {
    engine.inspect({whole, cut});
    FAIL() << "a truncated file must be refused";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kRunFailed);
    EXPECT_NE(e.message().find(cut + ": not a readable Parquet file"), std::string::npos) << e.message();
  }
}

TEST_F(Stage, DescribesAndRefusesWhatDoesNotBind) {
  DuckdbEngine engine({});
  const auto schema = engine.describe(kSource, "SELECT movie_id, size(genres) > 1 AS multi\nFROM source -- comment");
  ASSERT_EQ(schema.size(), 2U);
  EXPECT_EQ(type_name(schema[1].type), "boolean");
  try {
    engine.describe(kSource, "SELECT\n  no_such_column\nFROM source");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kConfig);
    EXPECT_NE(e.message().find("no_such_column"), std::string::npos);
    EXPECT_NE(e.message().find("LINE 2"), std::string::npos) << e.message();
  }
}

TEST_F(Stage, InterruptStopsTheRunningStatementAndEveryLaterOne) {
  DuckdbEngine engine({});
  std::thread other([&engine] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    engine.interrupt();
  });
  EXPECT_THROW(engine.query("SELECT count(*) FROM range(1000000000000) AS t(i) WHERE i % 7 = 3"), Error);
  other.join();
  EXPECT_THROW(engine.query("SELECT 1"), Error);
}

}  // namespace
}  // namespace metl::engine
