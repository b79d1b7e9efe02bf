#include "engine/spark/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "engine/spark/sql.h"

namespace metl::engine {
namespace {

using spark_sql::identifier;
using spark_sql::identifiers;

constexpr int64_t kMostRows = 2'500'000;  // of one task: its sort then spills little in the usual gigabyte a core

std::vector<std::string> names_of(const Schema& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& other) { return text::to_lower(other) == text::to_lower(name); });
}

// The order in which the row of a key that stays comes first: by the order's columns, then all others but the key's.
std::string row_order(const StageRequest& request) {
  std::vector<std::string> keys;
  const char* direction = request.dedupe->keep_last ? " DESC NULLS LAST" : " ASC NULLS FIRST";
  const auto add = [&](const Field& column) {
    keys.push_back(spark_sql::sort_key(identifier(column.name), column.type) + direction);
  };
  for (const auto& name : request.dedupe->order) add(*find_field(request.source_columns, name));
  for (const auto& column : request.source_columns) {
    if (!contains(request.dedupe->order, column.name) && !contains(request.dedupe->key, column.name)) add(column);
  }
  if (keys.empty()) return identifiers(request.dedupe->key);
  return fmt::format("{}", fmt::join(keys, ", "));
}

}  // namespace

Shape shape_of(const std::string& explained) {
  constexpr std::string_view kHeading = "== Optimized Logical Plan ==\n";
  const size_t start = explained.find(kHeading);
  if (start == std::string::npos) return {};
  Shape shape{true, true, true};
  std::istringstream lines(explained.substr(start + kHeading.size()));
  int relations = 0;
  for (std::string line; std::getline(lines, line) && !line.starts_with("==");) {
    const size_t begin = line.find_first_not_of(" :+-");
    if (begin == std::string::npos) continue;
    const std::string node = line.substr(begin, line.find_first_of(" (", begin) - begin);
    if (node == "Relation") {
      ++relations;
    } else if (node == "Filter" || node == "Generate") {
      shape.keeps_rows = false;
      shape.at_most_one = shape.at_most_one && node == "Filter";
    } else if (node != "Project") {
      return {};
    }
  }
  return relations == 1 ? shape : Shape{};
}

std::string deduplicated(const StageRequest& request, const std::string& raw, int64_t tasks) {
  const std::string columns = identifiers(names_of(request.source_columns));
  if (!request.dedupe) return fmt::format("SELECT {} FROM {}", columns, raw);
  const std::string key = identifiers(request.dedupe->key);
  return fmt::format(
      "SELECT {0} FROM (SELECT {0}, row_number() OVER (PARTITION BY {1} ORDER BY {2}) AS metl_place FROM "
      "(SELECT /*+ REPARTITION({3}, {1}) */ {0} FROM {4}) AS metl_events) AS metl_ranked WHERE metl_place = 1",
      columns, key, row_order(request), tasks, raw);
}

int64_t task_count(const StageRequest& request) {
  uint64_t bytes = 0;
  int64_t rows = 0;
  for (const auto& source : request.sources) {
    bytes += source.bytes;
    rows += source.rows;
  }
  const auto by_bytes = static_cast<int64_t>(bytes / std::max<uint64_t>(request.write.target_bytes, 1));
  return std::max(by_bytes, rows / kMostRows) + 1;
}

std::string target_sql(const StageRequest& request, const std::string& source, const Schema& yields, bool row_wise) {
  std::vector<std::string> casts;
  for (const auto& column : request.target_columns) {
    const std::string name = identifier(column.name);
    const Field* as_it_is = find_field(yields, column.name);
    casts.push_back(as_it_is != nullptr && as_it_is->type == column.type
                        ? fmt::format("{0} AS {0}", name)
                        : fmt::format("CAST({0} AS {1}) AS {0}", name, spark_sql::type_text(column.type)));
  }
  std::string sql =
      spark_sql::with_source(source, fmt::format("{}{}", row_wise ? "" : "/*+ REBALANCE */ ", fmt::join(casts, ", ")),
                             spark_sql::from_portable(request.select));
  // Where the rows come from the dedupe they are sorted so already, as far as the keys agree: Spark sees that itself.
  if (!request.write.cluster_by.empty()) sql += " SORT BY " + identifiers(request.write.cluster_by);
  return sql;
}

}  // namespace metl::engine
