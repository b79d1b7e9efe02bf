#include "engine/duckdb/duckdb_engine.h"

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/duplicates.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/stage.h"

namespace metl::engine {
namespace {

constexpr uint64_t kUnknownMemory = 2'000'000'000;  // parts are cut for this much where no limit is set

// Functions that Spark has and DuckDB names differently: one text of transform.sql serves every engine.
constexpr const char* kDialect = "CREATE TEMP MACRO size(collection) AS len(collection)";

}  // namespace

DuckdbEngine::DuckdbEngine(const ClientOptions& options)
    : client_(options),
      seen_(client_.connection()),
      memory_(options.memory_limit > 0 ? static_cast<uint64_t>(options.memory_limit) : kUnknownMemory) {
  client_.execute(kDialect);
}

std::string DuckdbEngine::description() const {
  return fmt::format("DuckDB {}", std::string(duckdb_library_version()).substr(1));
}

std::vector<SourceFile> DuckdbEngine::inspect(const std::vector<std::string>& paths) {
  return inspect_parquet(client_, paths);
}

Schema DuckdbEngine::describe(const Schema& source_columns, const std::string& select) {
  try {
    return client_.describe(with_source(empty_select(source_columns), "*", select));
  } catch (const Error& e) {
    throw Error(ExitCode::kConfig, e.message());
  }
}

StageResult DuckdbEngine::stage(const StageRequest& request, const Progress& progress) {
  return stage_day(client_, seen_, request, memory_, progress);
}

void DuckdbEngine::create_view(const std::string& name, const std::vector<std::string>& paths, const Schema& columns,
                               const std::vector<std::pair<std::string, std::string>>& partition_values) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(text::sql_identifier(column.name));
  for (const auto& [column, value] : partition_values) {
    names.push_back(fmt::format("{} AS {}", text::sql_literal(value), text::sql_identifier(column)));
  }
  client_.execute(fmt::format("CREATE OR REPLACE TEMP VIEW {} AS SELECT {} FROM {}", text::sql_identifier(name),
                              fmt::join(names, ", "),
                              paths.empty() ? fmt::format("({})", empty_select(columns)) : scan_sql(paths)));
}

Rows DuckdbEngine::query(const std::string& sql) { return client_.rows(sql); }

std::vector<DataFile> DuckdbEngine::write(const std::string& select, const WriteOptions& options,
                                          const Progress& progress) {
  return copy_to_files(client_, select, options, progress);
}

int64_t DuckdbEngine::duplicate_keys(const std::string& view, const std::vector<std::string>& key,
                                     const std::string& condition) {
  return count_duplicate_keys(client_, seen_, view, key, condition, memory_ / 4);
}

}  // namespace metl::engine
