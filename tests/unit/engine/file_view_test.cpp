// Views over the files of a dataset: what comes from the files, what is known of them otherwise, which are opened.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

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

class FileView : public ::testing::Test {
 protected:
  FileView()
      : folder_(fs::temp_directory_path() / fs::path("metl-view-" + std::to_string(::getpid()) + "-" +
                                                     ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~FileView() override { fs::remove_all(folder_); }

  // A file of a SELECT's rows.
  std::string file(const std::string& name, const std::string& select) {
    return engine_.write(select, {.folder = folder_, .name_prefix = name, .cluster_by = {}}, {}).at(0).path;
  }

  std::string text(const std::string& sql) {
    std::string out;
    for (const auto& row : engine_.query(sql).rows) {
      for (const auto& value : row) {
        out += is_null(value)                           ? "NULL"
               : std::holds_alternative<int64_t>(value) ? std::to_string(std::get<int64_t>(value))
                                                        : std::get<std::string>(value);
        out += " ";
      }
    }
    return out;
  }

  fs::path folder_;
  DuckdbEngine engine_{{.threads = 2}};
};

TEST_F(FileView, KnownValuesHideTheFilesOwn) {
  const auto a = file("a", "SELECT 1::BIGINT AS id, '2020-12-31' AS day");
  const auto b = file("b", "SELECT 2::BIGINT AS id, 'x' AS day");
  engine_.create_view("v", columns({{"id", "bigint"}, {"day", "date"}}),
                      {{{a}, {{"day", "2021-01-01"}}}, {{b}, {{"day", std::nullopt}}}});
  EXPECT_EQ(text("SELECT id, CAST(day AS VARCHAR) FROM v ORDER BY id"), "1 2021-01-01 2 NULL ");
  EXPECT_EQ(text("SELECT count(*) FROM v WHERE day IS NULL"), "1 ");
}

TEST_F(FileView, GroupsMayKnowDifferentColumns) {
  const auto a = file("a", "SELECT 1::BIGINT AS id, 'own' AS country");
  const auto b = file("b", "SELECT 2::BIGINT AS id");
  const auto c = file("c", "SELECT 3::BIGINT AS id");
  engine_.create_view("v", columns({{"id", "bigint"}, {"country", "string"}}),
                      {{{a, c}, {}}, {{b}, {{"country", "nl"}}}});
  EXPECT_EQ(text("SELECT id, country FROM v ORDER BY id"), "1 own 2 nl 3 NULL ");
}

TEST_F(FileView, FilesThatCannotMatchAreNotOpened) {
  std::vector<FileGroup> groups;
  for (int day = 1; day < 10; ++day) {
    // All but one are no Parquet files, so opening one fails the statement.
    std::string path = folder_.string() + fmt::format("/{}.parquet", day);
    std::ofstream(path) << "junk";
    if (day == 4) path = file("a", "SELECT 7::BIGINT AS id");
    groups.push_back({{path}, {{"day", fmt::format("2021-01-0{}", day)}}});
  }
  engine_.create_view("v", columns({{"id", "bigint"}, {"day", "date"}}), groups);
  EXPECT_EQ(text("SELECT id FROM (SELECT * FROM v WHERE day BETWEEN '2021-01-04' AND '2021-01-04') WHERE id > 1"),
            "7 ");
  EXPECT_THROW(engine_.query("SELECT id FROM v"), Error);
}

TEST_F(FileView, ANarrowedViewLooksAtNoOtherFile) {
  std::vector<FileGroup> groups;
  for (int hour = 0; hour < 300; ++hour) {
    const std::string path = folder_.string() + fmt::format("/{}.parquet", hour);
    std::ofstream(path) << "junk";
    groups.push_back({{path}, {{"hour", std::to_string(hour)}}});
  }
  groups[7].paths = {file("a", "SELECT 70::BIGINT AS id")};
  const Schema schema = columns({{"id", "bigint"}, {"hour", "int"}});
  const std::string whole = engine_.create_view("v", schema, groups);
  const std::string narrowed = engine_.narrowed(whole, "hour = 7");
  for (const auto& group : groups) {
    if (group.paths != groups[7].paths) fs::remove(group.paths.front());
  }
  EXPECT_EQ(text("SELECT id, hour FROM " + narrowed + " WHERE hour = 7"), "70 7 ");
  EXPECT_EQ(engine_.narrowed(whole, "id = 70"), whole);
  EXPECT_THROW(engine_.query("SELECT id FROM " + whole + " WHERE hour = 7"), Error);
}

TEST_F(FileView, AMissingFileIsSaidToBeMissing) {
  try {  // while the view is made, or when it is used
    engine_.create_view("v", columns({{"id", "bigint"}}), {{{folder_ / "gone.parquet"}, {}}});
    engine_.query("SELECT count(*) FROM v");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "the data file " + (folder_ / "gone.parquet").string() + " is missing");
    EXPECT_THAT(error.hint(), testing::HasSubstr("Restore it"));
  }
}

TEST_F(FileView, DeletedRowsAreNotThere) {
  const auto a = file("a", "SELECT i AS id FROM range(10) t(i)");
  const auto b = file("b", "SELECT i AS id FROM range(100, 103) t(i)");
  engine_.create_view("v", columns({{"id", "bigint"}}), {{{a, b}, {}, {{a, {0, 3, 9}}}}});
  EXPECT_EQ(text("SELECT id FROM v ORDER BY id"), "1 2 4 5 6 7 8 100 101 102 ");
  EXPECT_EQ(text("SELECT id FROM v WHERE id < 5 ORDER BY id"), "1 2 4 ");
  EXPECT_EQ(text("SELECT count(*) FROM v"), "10 ");
}

TEST_F(FileView, ColumnsAreFoundUnderTheirStoredNames) {
  const auto a =
      file("a",
           "SELECT 1::BIGINT AS \"c-1\", {'x-1': 5::BIGINT} AS \"c-2\", [{'y-1': 'e', 'gone': 1}, NULL] AS \"c-3\", "
           "MAP {'k': {'z-1': 6::BIGINT}} AS \"c-4\"");
  const Schema wanted = columns({{"id", "bigint"},
                                 {"s", "struct<x:bigint>"},
                                 {"l", "array<struct<y:string>>"},
                                 {"m", "map<string,struct<z:bigint>>"}});
  Schema stored = columns({{"c-1", "bigint"}, {"c-2", "bigint"}, {"c-3", "bigint"}, {"c-4", "bigint"}});
  for (size_t i = 1; i < 4; ++i) stored[i].type = wanted[i].type;
  stored[1].type.children[0].name = "x-1";
  stored[2].type.children[0].type.children[0].name = "y-1";
  stored[3].type.children[1].type.children[0].name = "z-1";
  engine_.create_view("v", wanted, {{{a}, {}}}, {stored, {}});
  EXPECT_EQ(text("SELECT id, s.x, l[1].y, l[2], m['k'].z, len(l) FROM v"), "1 5 e NULL 6 2 ");
}

TEST_F(FileView, ColumnsMayHaveTheNamesOfWhatDuckdbAdds) {
  const auto a = file("a", "SELECT 1::BIGINT AS filename, 2::BIGINT AS file_row_number, 'it''s' AS \"it's\"");
  engine_.create_view(
      "v", columns({{"filename", "bigint"}, {"file_row_number", "bigint"}, {"it's", "string"}, {"day", "string"}}),
      {{{a}, {{"day", "x"}}, {{a, {5}}}}});
  EXPECT_EQ(text("SELECT * FROM v"), "1 2 it's x ");
}

}  // namespace
}  // namespace metl::engine
