// The embedded engine: DuckDB inside this process. See engine/engine.h for what every method promises.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/duckdb/file_view.h"
#include "engine/duckdb/seen_bits.h"
#include "engine/engine.h"

namespace metl::engine {

class DuckdbEngine final : public Engine {
 public:
  explicit DuckdbEngine(const ClientOptions& options);

  std::string description() override;
  const sql::Dialect& dialect() const override { return sql::duckdb_dialect(); }
  bool is_a_server() const override { return false; }
  std::vector<SourceFile> inspect(const std::vector<std::string>& paths) override;
  std::vector<SourceFile> to_parquet(const std::vector<std::string>& paths, const TextFormat& format,
                                     const Schema& columns, const WriteOptions& options) override;
  Schema describe(const Schema& source_columns, const std::string& select) override;
  StageResult stage(const StageRequest& request, const Progress& progress) override;
  std::string create_view(const std::string& name, const Schema& columns, const std::vector<FileGroup>& groups,
                          const StoredColumns& stored = {}) override;
  std::string narrowed(const std::string& view, const std::string& condition) override;
  Rows query(const std::string& sql) override;
  std::vector<DataFile> write(const std::string& select, const WriteOptions& options,
                              const Progress& progress) override;
  int64_t duplicate_keys(const std::string& view, const std::vector<std::string>& key,
                         const std::string& condition) override;
  std::unique_ptr<Engine> confined(const Confinement& limits) override;
  // The footers of files that another engine wrote (measure_parquet).
  std::vector<DataFile> measure(const std::vector<std::string>& paths, const Schema& columns);
  void interrupt() override { options_.interruption->interrupt(); }

  // For what the interface has no verb for: tests make tables with it.
  Client& client() { return client_; }

 private:
  struct View {
    Schema columns;
    std::vector<FileGroup> groups;
    StoredColumns stored;
  };

  ClientOptions options_;
  FileFacts facts_;  // outlives the client, whose functions look into it
  Client client_;
  SeenBits seen_;
  uint64_t memory_;                   // bytes
  std::map<std::string, View> many_;  // views of so many partitions that narrowed() is of use
  size_t narrowed_ = 0;               // views that it made
};

}  // namespace metl::engine
