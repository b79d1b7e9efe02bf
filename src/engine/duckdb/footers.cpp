#include "engine/duckdb/footers.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "engine/duckdb/inspect.h"
#include "engine/duckdb/leaves.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/types.h"

namespace metl::engine {
namespace {

// One leaf's bounds by file. Row groups without any value have no bounds and take none away.
std::string leaf_sql(const Leaf& leaf) {
  const Type& type = leaf.type;
  const bool real = type.kind == Type::Kind::kFloat || type.kind == Type::Kind::kDouble;
  const std::string has_value = "(stats_null_count IS NULL OR stats_null_count < num_values)";
  const auto value = [&](const char* column) { return fmt::format("TRY_CAST({} AS {})", column, to_duckdb(type)); };
  std::string bounded =
      fmt::format("{} IS NOT NULL AND {} IS NOT NULL", value("stats_min_value"), value("stats_max_value"));
  if (real)
    bounded += fmt::format(" AND NOT isnan({}) AND NOT isnan({})", value("stats_min_value"), value("stats_max_value"));
  return fmt::format(
      "SELECT file_name, CAST(CASE WHEN bool_and({0} OR NOT {1}) THEN min({2}) END AS VARCHAR), "
      "CAST(CASE WHEN bool_and({0} OR NOT {1}) THEN max({3}) END AS VARCHAR), "
      "CASE WHEN count(*) = count(stats_null_count) THEN CAST(sum(stats_null_count) AS BIGINT) END "
      "FROM footers WHERE column_id = {4} GROUP BY file_name",
      "(" + bounded + ")", has_value, value("stats_min_value"), value("stats_max_value"), leaf.ordinal);
}

}  // namespace

std::vector<DataFile> measure_parquet(Client& client, const std::vector<std::string>& paths, const Schema& columns) {
  std::vector<DataFile> files;
  std::map<std::string, DataFile*> by_path;
  for (const auto& source : inspect_parquet(client, paths))
    files.push_back({source.path, source.bytes, source.rows, {}});
  if (files.empty()) return files;
  for (auto& file : files) by_path[file.path] = &file;
  client.execute(
      fmt::format("CREATE OR REPLACE TEMP TABLE footers AS SELECT file_name, column_id, num_values, "
                  "stats_null_count, stats_min_value, stats_max_value FROM parquet_metadata({})",
                  file_list(paths)));
  const std::vector<Leaf> leaves = leaves_of(columns);
  for (const auto& leaf : leaves) {
    for (const auto& row : client.rows(leaf_sql(leaf)).rows) {
      const auto bound = [&](size_t at) {
        return is_null(row[at]) ? std::nullopt : std::optional(std::get<std::string>(row[at]));
      };
      const auto* nulls = std::get_if<int64_t>(&row[3]);
      by_path.at(std::get<std::string>(row[0]))->stats[leaf.path] = {
          bound(1), bound(2), nulls == nullptr ? std::nullopt : std::optional(*nulls)};
    }
  }
  client.execute("DROP TABLE footers");
  add_text_bounds(client, leaves, files);
  return files;
}

}  // namespace metl::engine
