// Tables in an in-memory DuckDB, as DataAccess wants them. Its own small client over the C API, so that the layer is
// tested without an engine layer.
#pragma once

#include <duckdb.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "quality/scan.h"

namespace metl::quality::test {

class Database {
 public:
  Database() {
    if (duckdb_open(nullptr, &database_) != DuckDBSuccess || duckdb_connect(database_, &connection_) != DuckDBSuccess) {
      throw Error(ExitCode::kRunFailed, "DuckDB does not open");
    }
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    duckdb_disconnect(&connection_);
    duckdb_close(&database_);
  }

  Rows query(const std::string& sql) {
    duckdb_result result;
    if (duckdb_query(connection_, sql.c_str(), &result) != DuckDBSuccess) {
      const std::string message = duckdb_result_error(&result);
      duckdb_destroy_result(&result);
      throw Error(ExitCode::kRunFailed, message);
    }
    Rows rows;
    const idx_t columns = duckdb_column_count(&result);
    for (idx_t c = 0; c < columns; ++c) {
      Field field;
      field.name = duckdb_column_name(&result, c);
      rows.columns.push_back(field);
    }
    for (idx_t r = 0; r < duckdb_row_count(&result); ++r) {
      rows.rows.emplace_back();
      for (idx_t c = 0; c < columns; ++c) rows.rows.back().push_back(value_of(result, c, r));
    }
    duckdb_destroy_result(&result);
    return rows;
  }

  // Over every table of the database; a dataset is a table of any spelling of its name.
  DataAccess access() {
    DataAccess data;
    data.datasets = [this] {
      std::vector<std::string> names;
      for (const auto& row : query("SELECT table_name FROM information_schema.tables ORDER BY 1").rows) {
        names.push_back(std::get<std::string>(row[0]));
      }
      return names;
    };
    data.view_of = [names = data.datasets](const std::string& dataset) -> std::optional<std::string> {
      for (const auto& name : names()) {
        if (text::to_lower(name) == text::to_lower(dataset)) return text::sql_identifier(name);
      }
      return std::nullopt;
    };
    data.schema_of = [this](const std::string& view) {
      Schema schema;
      for (const auto& row : query("DESCRIBE " + view).rows) {
        Field field;
        field.name = std::get<std::string>(row[0]);
        const auto type = parse_type(spark_type(std::get<std::string>(row[1])));
        if (!type) throw Error(ExitCode::kRunFailed, "the fixture knows no type " + std::get<std::string>(row[1]));
        field.type = *type;
        schema.push_back(field);
      }
      return schema;
    };
    data.query = [this](const std::string& sql) { return query(sql); };
    data.duplicate_keys = [this](const std::string& view, const std::vector<std::string>& key,
                                 const std::string& condition) {
      std::string list;
      std::string where = condition.empty() ? "TRUE" : condition;
      for (const auto& column : key) {
        list += (list.empty() ? "" : ", ") + text::sql_identifier(column);
        where += " AND " + text::sql_identifier(column) + " IS NOT NULL";
      }
      const Rows rows = query("SELECT COUNT(*) FROM (SELECT 1 FROM " + view + " WHERE " + where + " GROUP BY " + list +
                              " HAVING COUNT(*) > 1)");
      return std::get<int64_t>(rows.rows[0][0]);
    };
    return data;
  }

 private:
  static std::string spark_type(std::string type) {
    if (type.ends_with("[]")) return "array<" + spark_type(type.substr(0, type.size() - 2)) + ">";
    if (type.starts_with("STRUCT(")) return "struct<" + type.substr(7, type.size() - 8) + ">";
    if (type == "TIMESTAMP") return "timestamp_ntz";
    return type;
  }

  static Value value_of(duckdb_result& result, idx_t column, idx_t row) {
    if (duckdb_value_is_null(&result, column, row)) return {};
    switch (duckdb_column_type(&result, column)) {
      case DUCKDB_TYPE_BOOLEAN:
        return duckdb_value_boolean(&result, column, row);
      case DUCKDB_TYPE_TINYINT:
      case DUCKDB_TYPE_SMALLINT:
      case DUCKDB_TYPE_INTEGER:
      case DUCKDB_TYPE_BIGINT:
        return duckdb_value_int64(&result, column, row);
      case DUCKDB_TYPE_HUGEINT:
      case DUCKDB_TYPE_DECIMAL:
      case DUCKDB_TYPE_FLOAT:
      case DUCKDB_TYPE_DOUBLE:
        return duckdb_value_double(&result, column, row);
      default: {
        char* text = duckdb_value_varchar(&result, column, row);
        std::string out = text == nullptr ? "?" : text;
        duckdb_free(text);
        return out;
      }
    }
  }

  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

// The tables of ../shared/soda/mk.py.
inline void create_sample_tables(Database& db) {
  db.query(R"(create table movie_ratings_curated as select * from (values
      (1::bigint,10::bigint,4.5::float,1600000000::bigint,'A','EN','5'::varchar,100::bigint,true,'2021-01-01'),
      (2,11,5.5,null,'B','E','x',-1,false,'2021-01-01'),(2,11,3.0,1600000001,'B',null,'',0,false,'2021-01-01'),
      (3,null,2.0,1600000002,null,'FRA','N/A',7,true,'2021-01-02'))
      t(movie_id,user_id,rating,ts,original_title,original_language,txt,budget,is_adult,run_date))");
  db.query("create table empty_t(a int, d timestamp)");
  db.query("create table dim_movie as select * from (values (1),(2)) t(id)");
  db.query("create table ev as select * from (values (timestamp '2024-01-01 00:00:00', date '2024-01-01')) t(ts,d)");
}

// A checks file that lives as long as the object.
class ChecksFile {
 public:
  explicit ChecksFile(const std::string& text, const std::string& name = "checks.yaml") {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("metl-quality-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / name).string();
    std::ofstream(path_, std::ios::binary) << text;
  }
  ChecksFile(const ChecksFile&) = delete;
  ChecksFile& operator=(const ChecksFile&) = delete;
  ~ChecksFile() { std::filesystem::remove_all(folder_); }
  const std::string& path() const { return path_; }
  std::string folder() const { return folder_.string(); }

 private:
  std::filesystem::path folder_;
  std::string path_;
};

// Scans over the sample tables.
class ScanTest : public ::testing::Test {
 protected:
  ScanTest() { create_sample_tables(db_); }

  ScanResult scan_text(const std::string& checks) {
    const ChecksFile file(checks);
    ScanRequest request{{file.path()}, variables_, now_, compat_};
    request.data_time = data_time_;
    request.earlier = earlier_;
    ScanResult result = scan(request, data_);
    // The temporary folder's name says nothing.
    for (auto* list : {&result.errors, &result.notices}) {
      for (auto& error : *list) error.location.file = text::replace_all(error.location.file, file.folder() + "/", "");
    }
    for (auto& check : result.checks)
      check.location.file = text::replace_all(check.location.file, file.folder() + "/", "");
    return result;
  }
  // The only check under `checks for movie_ratings_curated`; `lines` start at its dash.
  ScanResult scan_check(const std::string& lines) {
    return scan_text("checks for movie_ratings_curated:\n" + lines + "\n");
  }

  Database db_;
  DataAccess data_ = db_.access();
  std::map<std::string, std::string> variables_;
  std::chrono::system_clock::time_point now_ = std::chrono::sys_days(std::chrono::year(2024) / 1 / 2);
  bool compat_ = false;
  std::optional<std::chrono::system_clock::time_point> data_time_;
  Earlier earlier_;
};

// "checks.yaml:2:5: message", one a line.
inline std::string errors_of(const ScanResult& result) {
  std::string out;
  for (const auto& error : result.errors) out += to_text(error.location) + ": " + error.message + "\n";
  return out;
}

// "pass 4", "fail 3": outcome and value of a check.
inline std::string outcome_of(const CheckResult& check) {
  const char* word = check.outcome == Outcome::kPass   ? "pass "
                     : check.outcome == Outcome::kWarn ? "warn "
                     : check.outcome == Outcome::kFail ? "fail "
                                                       : "none ";
  return word + to_text(check.value);
}

inline std::vector<std::string> outcomes(const ScanResult& result) {
  std::vector<std::string> out;
  for (const auto& check : result.checks) out.push_back(outcome_of(check));
  return out;
}
using Outcomes = std::vector<std::string>;

}  // namespace metl::quality::test
