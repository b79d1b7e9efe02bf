// The embedded engine: DuckDB inside this process. See engine/engine.h for what every method promises.
#pragma once

#include <string>

#include "engine/duckdb/client.h"
#include "engine/duckdb/seen_bits.h"
#include "engine/engine.h"

namespace metl::engine {

class DuckdbEngine final : public Engine {
 public:
  explicit DuckdbEngine(const ClientOptions& options);

  std::string description() const override;
  std::vector<SourceFile> inspect(const std::vector<std::string>& paths) override;
  Schema describe(const Schema& source_columns, const std::string& select) override;
  StageResult stage(const StageRequest& request, const Progress& progress) override;
  void create_view(const std::string& name, const std::vector<std::string>& paths, const Schema& columns,
                   const std::vector<std::pair<std::string, std::string>>& partition_values) override;
  Rows query(const std::string& sql) override;
  std::vector<DataFile> write(const std::string& select, const WriteOptions& options,
                              const Progress& progress) override;
  int64_t duplicate_keys(const std::string& view, const std::vector<std::string>& key,
                         const std::string& condition) override;
  void interrupt() override { client_.interrupt(); }

 private:
  Client client_;
  SeenBits seen_;
  uint64_t memory_;  // bytes
};

}  // namespace metl::engine
