#include "engine/duckdb/leaves.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/unicode.h"
#include "engine/duckdb/parquet_io.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

constexpr int kLetters = 65;  // enough to cut a bound after 32 of them, or up to 64 where it does not hold there

void add_leaves(const Schema& fields, const ColumnPath& parent, bool bounded, size_t& next, std::vector<Leaf>& out) {
  for (const auto& field : fields) {
    ColumnPath path = parent;
    path.push_back(field.name);
    if (!field.type.is_nested()) {
      if (bounded) out.push_back({path, field.type, next});
      ++next;
    } else {
      add_leaves(field.type.children, path, bounded && field.type.kind == Type::Kind::kStruct, next, out);
    }
  }
}

// DuckDB cuts bounds near 256 bytes, perhaps inside of a character.
bool holds(const std::optional<std::string>& bound) {
  return bound && text::find_invalid_utf8(*bound) == std::string::npos;
}

std::string expression(const ColumnPath& path) {
  std::string sql = "f";
  for (const auto& name : path) sql += "." + sql::identifier(name);
  return sql;
}

}  // namespace

std::vector<Leaf> leaves_of(const Schema& columns) {
  std::vector<Leaf> out;
  size_t next = 0;
  add_leaves(columns, {}, true, next, out);
  return out;
}

ColumnPath parse_path(const std::string& quoted) {
  ColumnPath path;
  bool inside = false;
  for (size_t i = 0; i < quoted.size(); ++i) {
    const char c = quoted[i];
    if (!inside) {
      if (c == '"') path.emplace_back();
      inside = c == '"';
    } else if (c != '"') {
      path.back() += c;
    } else if (i + 1 < quoted.size() && quoted[i + 1] == '"') {
      path.back() += quoted[i++];
    } else {
      inside = false;
    }
  }
  return path;
}

void add_text_bounds(Client& client, const std::vector<Leaf>& leaves, std::vector<DataFile>& files) {
  for (auto& file : files) {
    for (const auto& leaf : leaves) {
      const auto found = file.stats.find(leaf.path);
      if (found == file.stats.end() || leaf.type.kind != Type::Kind::kString) continue;
      ColumnStats& stats = found->second;
      if (stats.null_count == file.rows || (holds(stats.min) && holds(stats.max))) continue;
      const auto rows = client.rows(fmt::format("SELECT min(left({0}, {1})), max(left({0}, {1})) FROM {2} AS f",
                                                expression(leaf.path), kLetters, scan_sql({file.path})));
      const auto text_of = [](const Value& value) {
        return is_null(value) ? std::nullopt : std::optional(std::get<std::string>(value));
      };
      stats.min = text_of(rows.rows.at(0).at(0));
      stats.max = text_of(rows.rows.at(0).at(1));
    }
  }
}

}  // namespace metl::engine
