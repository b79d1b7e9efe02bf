#include "engine/duckdb/duckdb_engine.h"

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/dialect.h"
#include "engine/duckdb/duplicates.h"
#include "engine/duckdb/footers.h"
#include "engine/duckdb/inspect.h"
#include "engine/duckdb/narrow.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/stage.h"
#include "engine/duckdb/text_files.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

constexpr size_t kManyGroups = 256;                 // from which on planning a query over all of them takes time
constexpr uint64_t kUnknownMemory = 2'000'000'000;  // parts are cut for this much where no limit is set

}  // namespace

DuckdbEngine::DuckdbEngine(const ClientOptions& options)
    : options_(options),
      client_(options),
      seen_(client_),
      memory_(options.memory_limit > 0 ? static_cast<uint64_t>(options.memory_limit) : kUnknownMemory) {
  if (!options.speaks_own_sql()) speak_as_spark(client_);
}

std::string DuckdbEngine::description() {
  return fmt::format("DuckDB {}", std::string(duckdb_library_version()).substr(1));
}

std::vector<SourceFile> DuckdbEngine::inspect(const std::vector<std::string>& paths) {
  return inspect_parquet(client_, paths);
}

std::vector<SourceFile> DuckdbEngine::to_parquet(const std::vector<std::string>& paths, const TextFormat& format,
                                                 const Schema& columns, const WriteOptions& options) {
  return inspect(text_to_parquet(client_, paths, format, columns, options));
}

Schema DuckdbEngine::describe(const Schema& source_columns, const std::string& select) {
  try {
    return describe_select(client_, source_columns, select);
  } catch (const Error& e) {
    if (e.cause() != Cause::kStatement) throw;
    throw Error(Cause::kConfiguration, e.message());
  }
}

StageResult DuckdbEngine::stage(const StageRequest& request, const Progress& progress) {
  return stage_day(client_, seen_, request, memory_, progress);
}

std::string DuckdbEngine::create_view(const std::string& name, const Schema& columns,
                                      const std::vector<FileGroup>& groups, const StoredColumns& stored) {
  std::string quoted = sql::identifier(name);
  if (const auto parts = text::table_name_parts(name)) {
    const std::string database = sql::identifier(parts->first);
    client_.execute("CREATE SCHEMA IF NOT EXISTS " + database);
    quoted = fmt::format("{}.{}", database, sql::identifier(parts->second));
  }
  client_.execute(
      fmt::format("CREATE OR REPLACE VIEW {} AS {}", quoted, files_select(client_, facts_, columns, groups, stored)));
  many_.erase(quoted);
  if (groups.size() >= kManyGroups) many_.emplace(quoted, View{columns, groups, stored});
  return quoted;
}

std::string DuckdbEngine::narrowed(const std::string& view, const std::string& condition) {
  const auto whole = many_.find(view);
  if (whole == many_.end()) return view;
  const auto& [columns, groups, stored] = whole->second;
  const auto fewer = matching(client_, columns, groups, condition);
  if (!fewer || fewer->size() == groups.size()) return view;
  return create_view(fmt::format("metl_narrowed_{}", narrowed_++), columns, *fewer, stored);
}

std::unique_ptr<Engine> DuckdbEngine::confined(const Confinement& limits) {
  ClientOptions options = options_;
  options.confinement = limits;
  if (!options.temp_directory.empty()) options.temp_directory += "/confined";  // two databases must not share one
  return std::make_unique<DuckdbEngine>(options);
}

Rows DuckdbEngine::query(const std::string& sql) {
  return options_.confinement ? client_.rows_of_select(sql) : client_.rows(sql);
}

std::vector<DataFile> DuckdbEngine::write(const std::string& select, const WriteOptions& options,
                                          const Progress& progress) {
  if (options_.confinement) client_.require_select(select);
  return copy_to_files(client_, select, options, [&](double percent, uint64_t rows) {
    if (progress) progress({percent, rows});
  });
}

std::vector<DataFile> DuckdbEngine::measure(const std::vector<std::string>& paths, const Schema& columns) {
  return measure_parquet(client_, paths, columns);
}

int64_t DuckdbEngine::duplicate_keys(const std::string& view, const std::vector<std::string>& key,
                                     const std::string& condition) {
  return count_duplicate_keys(client_, seen_, view, key, condition, memory_ / 4);
}

}  // namespace metl::engine
