// A dry exercise: an engine that nothing but this file knows computes a whole day. What a new engine has to give is its
// interface, and nothing else has to change for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "../scratch.h"
#include "engine/duckdb/duckdb_engine.h"
#include "pipeline/run.h"

namespace metl::pipeline {
namespace {

namespace fs = std::filesystem;

// Counts what it is asked for, and has DuckDB compute it.
class ToyEngine final : public engine::Engine {
 public:
  struct Asked {
    int staged = 0;
    int confined = 0;
  };

  ToyEngine(Asked& asked, std::unique_ptr<engine::Engine> computing)
      : asked_(asked), computing_(std::move(computing)) {}

  std::string description() override { return "Toy 1"; }
  const sql::Dialect& dialect() const override { return computing_->dialect(); }
  bool is_a_server() const override { return false; }
  std::vector<engine::SourceFile> inspect(const std::vector<std::string>& paths) override {
    return computing_->inspect(paths);
  }
  std::vector<engine::SourceFile> to_parquet(const std::vector<std::string>& paths, const engine::TextFormat& format,
                                             const Schema& columns, const engine::WriteOptions& options) override {
    return computing_->to_parquet(paths, format, columns, options);
  }
  Schema describe(const Schema& source_columns, const std::string& select) override {
    return computing_->describe(source_columns, select);
  }
  engine::StageResult stage(const engine::StageRequest& request, const engine::Progress& progress) override {
    ++asked_.staged;
    return computing_->stage(request, progress);
  }
  std::string create_view(const std::string& name, const Schema& columns, const std::vector<engine::FileGroup>& groups,
                          const engine::StoredColumns& stored) override {
    return computing_->create_view(name, columns, groups, stored);
  }
  Rows query(const std::string& sql) override { return computing_->query(sql); }
  std::vector<engine::DataFile> write(const std::string& select, const engine::WriteOptions& options,
                                      const engine::Progress& progress) override {
    return computing_->write(select, options, progress);
  }
  int64_t duplicate_keys(const std::string& view, const std::vector<std::string>& key,
                         const std::string& condition) override {
    return computing_->duplicate_keys(view, key, condition);
  }
  std::unique_ptr<engine::Engine> confined(const engine::Confinement& limits) override {
    ++asked_.confined;
    return std::make_unique<ToyEngine>(asked_, computing_->confined(limits));
  }
  void interrupt() override { computing_->interrupt(); }

 private:
  Asked& asked_;
  std::unique_ptr<engine::Engine> computing_;
};

class ToyEngineTest : public ScratchTest {};

TEST_F(ToyEngineTest, ComputesADay) {
  const std::string day = folder_ + "/raw/2021/01/01", home = folder_ + "/pipelines/toy";
  fs::create_directories(day);
  fs::create_directories(home);
  std::ofstream(home + "/pipeline.yaml") << "source: {path: '{yyyy}/{MM}/{dd}', columns: {k: bigint, v: string}}\n"
                                            "dedupe: {key: [k], order: [v]}\n"
                                            "transform: transform.sql\n"
                                            "target: {partition: run_date, columns: {k: bigint, run_date: string}}\n"
                                            "checks: checks.yaml\n";
  std::ofstream(home + "/transform.sql") << "SELECT k FROM source";
  std::ofstream(home + "/checks.yaml") << "checks for ${table}:\n  - row_count = 2\n";
  auto duckdb = std::make_unique<engine::DuckdbEngine>(engine::ClientOptions{});
  duckdb->client().execute("COPY (SELECT i // 2 AS k, 'v' || i AS v FROM range(4) t(i)) TO '" + day + "/a.parquet'");

  ToyEngine::Asked asked;
  ToyEngine toy(asked, std::move(duckdb));
  const auto catalog = table::make_catalog(
      {.kind = table::CatalogKind::kFilesystem, .warehouse = folder_ + "/warehouse", .hive_uri = ""});
  const RunRequest request{.pipeline = load_definition(folder_ + "/pipelines", "toy"),
                           .day = Date::parse("2021-01-01"),
                           .raw_location = folder_ + "/raw",
                           .curated_location = folder_ + "/warehouse",
                           .environment = "development",
                           .config_file = {},
                           .table = "default.toy",
                           .table_root = catalog->location_of("default.toy"),
                           .catalog = *catalog,
                           .sensitive_columns = {}};
  const RunReport report = run_day(request, toy, {.step = [](const std::string&) {}, .progress = {}, .published = {}});

  EXPECT_FALSE(report.error) << report.error->message();
  EXPECT_EQ(report.status, Status::kPublished);
  EXPECT_EQ(report.engine, "Toy 1");
  EXPECT_EQ(report.duplicates, 2);
  EXPECT_EQ(report.rows_staged, 2);
  EXPECT_EQ(asked.staged, 1);
  EXPECT_GE(asked.confined, 2) << "to bind the SQL, and to stage";
}

}  // namespace
}  // namespace metl::pipeline
