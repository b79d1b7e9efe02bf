#include "engine/duckdb/duplicates.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

// Names of ours, or quoted ones, as a list.
std::string list_of(const std::vector<std::string>& names, const std::string& prefix = {},
                    const std::string& suffix = {}) {
  std::vector<std::string> parts;
  for (const auto& name : names) parts.push_back(prefix + name + suffix);
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Calls `collect(condition)` with a SQL condition on the key's columns (as SQL) that holds for all rows of duplicated
// keys in `from` (a FROM clause and WHERE), and few others. Where the bits would not fit `memory`, the hashes are taken
// in ranges, a call for each.
template <typename Collect>
void for_repeated_keys(Client& client, SeenBits& seen, const std::string& from, const std::vector<std::string>& key,
                       int64_t rows, uint64_t memory, const Client::OnProgress& progress, const Collect& collect) {
  const std::string names = list_of(key);
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

// Behind each column of an order in which the row that stays comes first.
const char* direction(const StageRequest& request) {
  return request.dedupe->keep_last ? " DESC NULLS LAST" : " NULLS FIRST";
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
  for (size_t i = 0; i < request.source_columns.size(); ++i) {
    const Field& column = request.source_columns[i];
    const auto names = [&](const std::vector<std::string>& list) {
      return std::find(list.begin(), list.end(), column.name) != list.end();
    };
    if (names(request.dedupe->key) || names(request.dedupe->order)) continue;
    (out.wide.empty() && is_narrow(column.type) ? out.narrow : out.wide).push_back(DayScan::column(i));
  }
  return out;
}

// Among rows that tie in everything narrow, drops all but the first by the wide columns. Reads these only from files
// with ties.
void drop_ties(Client& client, const DayScan& day, const std::vector<std::string>& key,
               const std::vector<std::string>& wide, const char* direction, const Client::OnProgress& progress) {
  const std::string order = wide.empty() ? "" : list_of(wide, "metl_s.", direction) + ", ";
  const Rows with_ties = client.rows("SELECT DISTINCT CAST(metl_file AS BIGINT) FROM metl_ties ORDER BY 1");
  if (with_ties.rows.empty()) return;
  std::vector<size_t> chosen;
  for (const auto& row : with_ties.rows) chosen.push_back(static_cast<size_t>(std::get<int64_t>(row[0])));
  client.compute(
      fmt::format("INSERT INTO metl_dropped SELECT metl_file, metl_row FROM (SELECT metl_t.metl_file, metl_t.metl_row, "
                  "row_number() OVER (PARTITION BY {} ORDER BY {}metl_t.metl_file, metl_t.metl_row) AS metl_rank FROM "
                  "{} AS metl_s JOIN (SELECT *, list_position([{}], metl_file) - 1 AS metl_chosen FROM metl_ties) AS "
                  "metl_t ON metl_t.metl_chosen = metl_s.metl_file AND metl_t.metl_row = metl_s.metl_row) "
                  "WHERE metl_rank > 1",
                  list_of(key, "metl_t."), order, day.sql(chosen), fmt::join(chosen, ", ")),
      progress);
}

}  // namespace

int64_t find_dropped_rows(Client& client, SeenBits& seen, const StageRequest& request, const DayScan& day,
                          uint64_t memory, const Client::OnProgress& progress) {
  const std::vector<std::string> key = day.columns(request.dedupe->key);
  int64_t rows = 0;
  for (const auto& source : request.sources) rows += source.rows;
  const TieBreak others = tie_break(request);
  std::vector<std::string> order = day.columns(request.dedupe->order);
  order.insert(order.end(), others.narrow.begin(), others.narrow.end());
  const std::string keys = list_of(key);
  // rank(), not row_number(): rows that tie at the first place stay together, to be told apart by their other columns.
  const std::string ranks =
      fmt::format("SELECT {0}, metl_file, metl_row, rank() OVER (PARTITION BY {0} ORDER BY {1}) AS metl_rank FROM {2}",
                  keys, list_of(order, "", direction(request)), day.sql());
  client.execute(fmt::format("CREATE OR REPLACE TEMP TABLE metl_ranked AS {} LIMIT 0", ranks));
  for_repeated_keys(client, seen, day.sql(), key, rows, memory, progress, [&](const std::string& repeated) {
    client.compute(fmt::format("INSERT INTO metl_ranked {} WHERE {}", ranks, repeated), progress);
  });
  client.compute(
      "CREATE OR REPLACE TEMP TABLE metl_dropped AS SELECT metl_file, metl_row FROM metl_ranked WHERE metl_rank > 1");
  client.compute(
      fmt::format("CREATE OR REPLACE TEMP TABLE metl_ties AS SELECT {0}, metl_file, metl_row FROM metl_ranked "
                  "WHERE metl_rank = 1 QUALIFY count(*) OVER (PARTITION BY {0}) > 1",
                  keys));
  client.execute("DROP TABLE metl_ranked");
  drop_ties(client, day, key, others.wide, direction(request), progress);
  client.execute("DROP TABLE metl_ties");
  return std::get<int64_t>(client.rows("SELECT count(*) FROM metl_dropped").rows.at(0).at(0));
}

int64_t count_duplicate_keys(Client& client, SeenBits& seen, const std::string& view,
                             const std::vector<std::string>& key, const std::string& condition, uint64_t memory) {
  std::vector<std::string> conditions, quoted;
  for (const auto& name : key) quoted.push_back(sql::identifier(name));
  for (const auto& name : quoted) conditions.push_back(name + " IS NOT NULL");
  if (!condition.empty()) conditions.push_back(fmt::format("({}\n)", condition));
  const std::string from = fmt::format("{} WHERE {}", view, fmt::join(conditions, " AND "));
  // Of one day of many where the condition says so: its files alone are opened.
  const std::string counted = condition.empty() ? view : fmt::format("{} WHERE ({}\n)", view, condition);
  const int64_t rows = std::get<int64_t>(client.rows("SELECT count(*) FROM " + counted).rows.at(0).at(0));
  int64_t keys = 0;
  for_repeated_keys(client, seen, from, quoted, rows, memory, {}, [&](const std::string& repeated) {
    const Rows result =
        client.rows(fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} AND {} GROUP BY {} HAVING count(*) > 1)", from,
                                repeated, list_of(quoted)));
    keys += std::get<int64_t>(result.rows.at(0).at(0));
  });
  return keys;
}

}  // namespace metl::engine
