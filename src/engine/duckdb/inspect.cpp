#include "engine/duckdb/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/location.h"
#include "base/stop.h"
#include "engine/duckdb/footer_guard.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/stores.h"

namespace metl::engine {
namespace {

// A top-level column as the footer has it.
struct Top {
  std::string name;
  std::string type;     // physical; "" of a group
  std::string logical;  // "TimestampType(...)"
  std::vector<std::string> finer;
  NullLeaves nulls;  // one for each leaf below, or for itself
};

// "timestamp[ns, UTC]" of a time in nanoseconds; "" of anything else.
std::string nanoseconds(const std::string& logical) {
  if (logical.find("NanoSeconds") == std::string::npos) return {};
  if (logical.starts_with("TimeType")) return "time[ns]";
  return logical.find("isAdjustedToUTC=1") == std::string::npos ? "timestamp[ns]" : "timestamp[ns, UTC]";
}

std::string text_at(const std::vector<Value>& row, size_t at) {
  return is_null(row.at(at)) ? std::string() : std::get<std::string>(row.at(at));
}

// The footer's schema is a tree, written depth first: a node, then its children.
std::vector<Top> top_level(const Rows& schema) {
  const auto children = [&](size_t at) {
    const auto* count = std::get_if<int64_t>(&schema.rows.at(at).at(3));
    return count == nullptr ? 0 : *count;
  };
  std::vector<Top> out;
  size_t at = 1;  // behind the root
  for (int64_t left = children(0); left > 0; --left) {
    const auto& row = schema.rows.at(at);
    out.push_back({text_at(row, 0), text_at(row, 1), text_at(row, 2), {}, {}});
    std::vector<std::pair<std::string, int64_t>> groups{{"", 1}};  // those that are open: path, children still to come
    while (!groups.empty()) {
      if (groups.back().second-- == 0) {
        groups.pop_back();
        continue;
      }
      const auto& node = schema.rows.at(at);
      const std::string path = groups.back().first + (groups.size() > 1 ? "." : "") + text_at(node, 0);
      if (const auto unit = nanoseconds(text_at(node, 2)); !unit.empty())
        out.back().finer.push_back(fmt::format("{}: {}", path, unit));
      if (!text_at(node, 1).empty()) out.back().nulls.push_back(text_at(node, 2).starts_with("NullType"));
      groups.emplace_back(path, children(at++));
    }
  }
  return out;
}

// None where the type's leaves are not the file's, as those of a type that the engine puts together itself.
NullLeaves null_leaves(const NullLeaves& found, const Type& type) {
  const bool any = std::find(found.begin(), found.end(), true) != found.end();
  return any && found.size() == leaves(type) ? found : NullLeaves();
}

struct Columns {
  Schema schema;
  std::vector<Stored> stored;
};

Columns columns_of(Client& client, const std::string& path) {
  const std::string file = file_list({path});
  const auto tops = top_level(client.rows(fmt::format(
      "SELECT name, type, CAST(logical_type AS VARCHAR), CAST(num_children AS BIGINT) FROM parquet_schema({})", file)));
  const std::string all = "SELECT * FROM " + scan_sql({path});
  const Rows described = client.rows(fmt::format("SELECT column_name, column_type FROM (DESCRIBE {})", all));
  Columns out;
  out.schema = client.describe(all);
  if (described.rows.size() != tops.size()) {
    throw Error(Cause::kBadInput,
                fmt::format("its footer names {} columns, and {} can be read", tops.size(), described.rows.size()));
  }
  for (size_t i = 0; i < tops.size(); ++i) {
    out.schema[i].name = tops[i].name;
    out.stored.push_back({.name = text_at(described.rows[i], 0),
                          .type = text_at(described.rows[i], 1),
                          .nulls = null_leaves(tops[i].nulls, out.schema[i].type),
                          .int96 = tops[i].type == "INT96",
                          .nanoseconds = nanoseconds(tops[i].logical).starts_with("timestamp"),
                          .finer = tops[i].finer});
  }
  return out;
}

std::vector<SourceFile> footers(Client& client, const std::vector<std::string>& paths) {
  // A day of ten thousand files has one or two distinct schemas: each is described once, through one of its files.
  const Rows rows = client.rows(fmt::format(
      "WITH shapes AS (SELECT file_name, md5(string_agg(concat_ws('|', len(name), name, coalesce(type, ''), "
      "coalesce(type_length, ''), coalesce(repetition_type, ''), coalesce(num_children, 0), "
      "coalesce(converted_type, ''), coalesce(scale, 0), coalesce(precision, 0), coalesce(CAST(logical_type AS "
      "VARCHAR), '')), ';')) AS shape FROM parquet_schema({0}) GROUP BY ALL) "
      "SELECT file_name, CAST(file_size_bytes AS BIGINT), num_rows, shape FROM parquet_file_metadata({0}) JOIN shapes "
      "USING (file_name) ORDER BY file_name",
      file_list(paths)));
  std::map<std::string, Columns> shapes;
  std::map<std::string, SourceFile> by_path;
  for (const auto& row : rows.rows) {
    const auto& path = std::get<std::string>(row[0]);
    const auto [shape, is_new] = shapes.try_emplace(std::get<std::string>(row[3]));
    if (is_new) shape->second = columns_of(client, path);
    by_path[path] = {path, static_cast<uint64_t>(std::get<int64_t>(row[1])), std::get<int64_t>(row[2]),
                     shape->second.schema, shape->second.stored};
  }
  std::vector<SourceFile> files;
  for (const auto& path : paths) files.push_back(std::move(by_path.at(path)));
  return files;
}

// Why one file cannot be read, and what to do: not every reason is the file's.
Error unreadable(const std::string& path, const Error& why) {
  if (is_remote(path) && why.cause() == Cause::kNoRights) {
    return {Cause::kNoRights,
            fmt::format("no right to read {} (s3:GetObject, or the store's like): {}", path, why.message()),
            "Grant it to the identity of this run."};
  }
  if (is_of_the_system(why.cause()) && why.cause() != Cause::kCutShort) {
    return {why.cause(), fmt::format("{}: cannot be read: {}", path, why.message()), std::string(advice(why.cause()))};
  }
  return {Cause::kBadInput, fmt::format("{}: not a readable Parquet file: {}", path, why.message()),
          "It may be cut short or still being written. Put a whole file in its place, or move it out of the folder, "
          "and run again."};
}

}  // namespace

std::vector<SourceFile> inspect_parquet(Client& client, const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  if (is_remote(paths.front())) {
    fetch_footers(client, paths);
  } else {
    for (const auto& path : paths) {
      stop::check();
      require_sane_footer(path);
    }
  }
  try {
    return footers(client, paths);
  } catch (const Error& e) {
    if (e.cause() == Cause::kInterrupted) throw;
    for (const auto& path : paths) {  // one of them is bad: find out which
      try {
        footers(client, {path});
      } catch (const Error& bad) {
        if (bad.cause() == Cause::kInterrupted) throw;
        throw unreadable(path, bad);
      }
    }
    throw;
  }
}

}  // namespace metl::engine
