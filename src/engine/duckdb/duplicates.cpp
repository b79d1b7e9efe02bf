#include "engine/duckdb/duplicates.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/duckdb/parquet_io.h"

namespace metl::engine {
namespace {

std::string columns_sql(const std::vector<std::string>& names, const std::string& prefix = {},
                        const std::string& suffix = {}) {
  std::vector<std::string> parts;
  for (const auto& name : names) parts.push_back(prefix + text::sql_identifier(name) + suffix);
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Calls `collect(condition)` with a SQL condition on the key columns that holds for all rows of duplicated keys in
// `from` (a FROM clause and WHERE), and few others. Where the bits would not fit `memory`, the hashes are taken in
// ranges, a call for each.
template <typename Collect>
void for_repeated_keys(Client& client, SeenBits& seen, const std::string& from, const std::vector<std::string>& key,
                       int64_t rows, uint64_t memory, const Client::OnProgress& progress, const Collect& collect) {
  const std::string names = columns_sql(key);
  const std::string hash = fmt::format("hash({})", names);
  const uint64_t ranges = SeenBits::bytes_for(rows) / std::max<uint64_t>(memory, 1) + 1;
  for (uint64_t range = 0; range < ranges; ++range) {
    // Bits 20 to 45 choose the range: neither those that choose a word nor those within it, as far as memory sizes go.
    const auto in_range = [&](const char* function) {
      return ranges == 1 ? fmt::format("{}({})", function, hash)
                         : fmt::format("CASE WHEN ({0} >> 20) % {1} = {2} THEN {3}({0}) ELSE false END", hash, ranges,
                                       range, function);
    };
    seen.reset(rows / static_cast<int64_t>(ranges) + 1);
    const Rows hits = client.rows(
        fmt::format("SELECT count(*) FROM (SELECT {} FROM {}) WHERE {}", names, from, in_range("seen")), progress);
    if (std::get<int64_t>(hits.rows.at(0).at(0)) > 0) collect(in_range("repeated"));
  }
  seen.release();
}

bool is_narrow(const Type& type) {
  return !type.is_nested() && type.kind != Type::Kind::kString && type.kind != Type::Kind::kBinary;
}

// The other columns in their order, cut where they stop being cheap to read: most ties end in the first part.
struct TieBreak {
  std::vector<std::string> narrow;
  std::vector<std::string> wide;
};

TieBreak tie_break(const StageRequest& request) {
  TieBreak out;
  for (const auto& column : request.source_columns) {
    const auto names = [&](const std::vector<std::string>& list) {
      return std::any_of(list.begin(), list.end(),
                         [&](const auto& n) { return text::to_lower(n) == text::to_lower(column.name); });
    };
    if (names(request.dedupe->key) || names(request.dedupe->order)) continue;
    (out.wide.empty() && is_narrow(column.type) ? out.narrow : out.wide).push_back(column.name);
  }
  return out;
}

// Among rows that tie in everything narrow, drops all but the first by the wide columns. Reads these only from files
// with ties.
void drop_ties(Client& client, const std::vector<std::string>& paths, const Dedupe& dedupe,
               const std::vector<std::string>& wide, const Client::OnProgress& progress) {
  const std::string order = wide.empty() ? "" : columns_sql(wide, "s.", " NULLS FIRST") + ", ";
  const Rows with_ties = client.rows("SELECT DISTINCT CAST(file_index AS BIGINT) FROM ties ORDER BY 1");
  if (with_ties.rows.empty()) return;
  std::vector<std::string> chosen, indexes;
  for (const auto& row : with_ties.rows) {
    indexes.push_back(fmt::format("{}", std::get<int64_t>(row[0])));
    chosen.push_back(paths.at(static_cast<size_t>(std::get<int64_t>(row[0]))));
  }
  client.execute(
      fmt::format(
          "INSERT INTO dropped SELECT file_index, \"row\" FROM (SELECT t.file_index, t.\"row\", row_number() OVER "
          "(PARTITION BY {} ORDER BY {}t.file_index, t.\"row\") AS place FROM {} AS s JOIN "
          "(SELECT *, list_position([{}], file_index) - 1 AS chosen FROM ties) AS t ON "
          "t.chosen = s.file_index AND t.\"row\" = s.file_row_number) WHERE place > 1",
          columns_sql(dedupe.key, "t."), order, scan_sql(chosen), fmt::join(indexes, ", ")),
      progress);
}

}  // namespace

int64_t find_dropped_rows(Client& client, SeenBits& seen, const StageRequest& request, uint64_t memory,
                          const Client::OnProgress& progress) {
  const Dedupe& dedupe = *request.dedupe;
  std::vector<std::string> paths;
  int64_t rows = 0;
  for (const auto& source : request.sources) {
    paths.push_back(source.path);
    rows += source.rows;
  }
  const TieBreak others = tie_break(request);
  std::vector<std::string> order = dedupe.order;
  order.insert(order.end(), others.narrow.begin(), others.narrow.end());
  const std::string key = columns_sql(dedupe.key);
  // rank(), not row_number(): rows that tie at the first place stay together, to be told apart by their other columns.
  const std::string ranks = fmt::format(
      "SELECT {0}, file_index, file_row_number AS \"row\", rank() OVER (PARTITION BY {0} ORDER BY {1}) AS place FROM "
      "{2}",
      key, columns_sql(order, "", " NULLS FIRST"), scan_sql(paths));
  client.execute(fmt::format("CREATE OR REPLACE TEMP TABLE ranked AS {} LIMIT 0", ranks));
  for_repeated_keys(client, seen, scan_sql(paths), dedupe.key, rows, memory, progress,
                    [&](const std::string& repeated) {
                      client.execute(fmt::format("INSERT INTO ranked {} WHERE {}", ranks, repeated), progress);
                    });
  client.execute("CREATE OR REPLACE TEMP TABLE dropped AS SELECT file_index, \"row\" FROM ranked WHERE place > 1");
  client.execute(
      fmt::format("CREATE OR REPLACE TEMP TABLE ties AS SELECT {0}, file_index, \"row\" FROM ranked WHERE place = 1 "
                  "QUALIFY count(*) OVER (PARTITION BY {0}) > 1",
                  key));
  client.execute("DROP TABLE ranked");
  drop_ties(client, paths, dedupe, others.wide, progress);
  client.execute("DROP TABLE ties");
  return std::get<int64_t>(client.rows("SELECT count(*) FROM dropped").rows.at(0).at(0));
}

int64_t count_duplicate_keys(Client& client, SeenBits& seen, const std::string& view,
                             const std::vector<std::string>& key, const std::string& condition, uint64_t memory) {
  std::vector<std::string> conditions;
  for (const auto& name : key) conditions.push_back(text::sql_identifier(name) + " IS NOT NULL");
  if (!condition.empty()) conditions.push_back(fmt::format("({}\n)", condition));
  const std::string from = fmt::format("{} WHERE {}", view, fmt::join(conditions, " AND "));
  // Of one day of many where the condition says so: its files alone are opened.
  const std::string counted = condition.empty() ? view : fmt::format("{} WHERE ({}\n)", view, condition);
  const int64_t rows = std::get<int64_t>(client.rows("SELECT count(*) FROM " + counted).rows.at(0).at(0));
  int64_t keys = 0;
  for_repeated_keys(client, seen, from, key, rows, memory, {}, [&](const std::string& repeated) {
    const Rows result =
        client.rows(fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} AND {} GROUP BY {} HAVING count(*) > 1)", from,
                                repeated, columns_sql(key)));
    keys += std::get<int64_t>(result.rows.at(0).at(0));
  });
  return keys;
}

}  // namespace metl::engine
