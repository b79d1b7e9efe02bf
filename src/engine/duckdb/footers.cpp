#include "engine/duckdb/footers.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/types.h"

namespace metl::engine {
namespace {

// One leaf's bounds by file. Row groups without any value have no bounds and take none away.
std::string leaf_sql(const std::string& leaf, const Type& type) {
  const std::string path = text::replace_all(leaf, ".", ", ");  // as parquet_metadata spells nested leaves
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
      "FROM footers WHERE path_in_schema = {4} GROUP BY file_name",
      "(" + bounded + ")", has_value, value("stats_min_value"), value("stats_max_value"), text::sql_literal(path));
}

}  // namespace

std::vector<DataFile> measure_parquet(Client& client, const std::vector<std::string>& paths, const Schema& columns) {
  std::vector<DataFile> files;
  std::map<std::string, DataFile*> by_path;
  for (const auto& source : inspect_parquet(client, paths))
    files.push_back({source.path, source.bytes, source.rows, {}});
  if (files.empty()) return files;
  std::vector<std::string> quoted;
  for (auto& file : files) {
    by_path[file.path] = &file;
    quoted.push_back(text::sql_literal(file.path));
  }
  client.execute(
      fmt::format("CREATE OR REPLACE TEMP TABLE footers AS SELECT file_name, path_in_schema, num_values, "
                  "stats_null_count, stats_min_value, stats_max_value FROM parquet_metadata([{}])",
                  fmt::join(quoted, ", ")));
  std::map<std::string, Type> leaves;
  add_leaf_types(columns, "", leaves);
  for (const auto& [leaf, leaf_type] : leaves) {
    const Type& type = leaf_type;  // clang before 16 captures no structured binding
    for (const auto& row : client.rows(leaf_sql(leaf, type)).rows) {
      const auto bound = [&](size_t at) {
        return is_null(row[at]) ? Value{} : bound_value(std::get<std::string>(row[at]), type);
      };
      const auto* nulls = std::get_if<int64_t>(&row[3]);
      by_path.at(std::get<std::string>(row[0]))->stats[leaf] = {
          bound(1), bound(2), nulls == nullptr ? std::nullopt : std::optional(*nulls)};
    }
  }
  client.execute("DROP TABLE footers");
  return files;
}

}  // namespace metl::engine
