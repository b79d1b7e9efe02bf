// Tables in an in-memory DuckDB, as DataAccess wants them: the engine that the program itself uses, set up as it is
// there, so that a function which means something else there means it here too. Only the layer knows no engine; its
// tests do.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/duckdb_engine.h"
#include "quality/scan.h"
#include "sql/names.h"

namespace metl::quality::test {

class Database {
 public:
  // A SELECT's rows; any other statement changes the tables.
  Rows query(const std::string& sql) {
    if (text::to_lower(sql).starts_with("select")) return spark_sql_.query(sql);
    spark_sql_.client().execute(sql);
    own_sql_.client().execute(sql);
    return {};
  }

  // Over every table of the database; a dataset is a table of any spelling of its name. `compat` outlives the result:
  // while it holds, SQL is DuckDB's own, as in the program.
  DataAccess access(const bool& compat) {
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
        if (text::to_lower(name) == text::to_lower(dataset)) return sql::identifier(name);
      }
      return std::nullopt;
    };
    data.schema_of = [this](const std::string& view) { return spark_sql_.client().describe("SELECT * FROM " + view); };
    data.query = [this, &compat](const std::string& sql) { return engine(compat).query(sql); };
    data.duplicate_keys = [this, &compat](const std::string& view, const std::vector<std::string>& key,
                                          const std::string& condition) {
      return engine(compat).duplicate_keys(view, key, condition);
    };
    return data;
  }

 private:
  engine::DuckdbEngine& engine(bool compat) { return compat ? own_sql_ : spark_sql_; }

  engine::DuckdbEngine spark_sql_{{}};
  engine::DuckdbEngine own_sql_{{.confinement = engine::Confinement{.own_sql = true}}};
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
  bool compat_ = false;
  DataAccess data_ = db_.access(compat_);
  std::map<std::string, std::string> variables_;
  std::chrono::system_clock::time_point now_ = std::chrono::sys_days(std::chrono::year(2024) / 1 / 2);
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
