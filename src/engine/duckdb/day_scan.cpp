#include "engine/duckdb/day_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

const Stored& stored_as(const SourceFile& file, const Field& declared) {
  return file.stored.at(static_cast<size_t>(find_field(file.schema, declared.name) - file.schema.data()));
}

// Whether a real column hides a place that DuckDB tells of each row.
bool hides_places(const SourceFile& file) {
  constexpr std::array kPlaces{"file_index", "file_row_number"};
  return std::any_of(file.stored.begin(), file.stored.end(), [&](const Stored& column) {
    return std::find(kPlaces.begin(), kPlaces.end(), text::to_lower(column.name)) != kPlaces.end();
  });
}

std::string kind_of(const SourceFile& file, const Schema& declared) {
  std::string out = hides_places(file) ? "hidden" : "plain";
  for (const auto& column : declared) {
    const Stored& stored = stored_as(file, column);
    out += fmt::format("\n{}\n{}\n{}", text::to_lower(stored.name), stored.type, fmt::join(stored.nulls, ""));
  }
  return out;
}

// "MAP {'a': {'name': 'metl_raw_0', ...}, ...}": the declared columns under names of ours, as they are stored.
std::string renaming(const SourceFile& file, const Schema& declared) {
  std::vector<std::string> entries;
  for (size_t i = 0; i < declared.size(); ++i) {
    const Stored& stored = stored_as(file, declared[i]);
    entries.push_back(fmt::format("{}: {{'name': 'metl_raw_{}', 'type': {}, 'default_value': NULL}}",
                                  sql::literal(stored.name), i, sql::literal(stored.type)));
  }
  return fmt::format("MAP {{{}}}", fmt::join(entries, ", "));
}

}  // namespace

DayScan::DayScan(const StageRequest& request) : request_(request) {
  std::map<std::string, size_t> kinds;
  for (const auto& file : request.sources)
    kind_.push_back(kinds.try_emplace(kind_of(file, request.source_columns), kinds.size()).first->second);
}

std::string DayScan::column(size_t index) { return fmt::format("{}{}", sql::kReservedPrefix, index); }

std::vector<std::string> DayScan::columns(const std::vector<std::string>& declared) const {
  std::vector<std::string> out;
  for (const auto& name : declared) {
    const Field* field = find_field(request_.source_columns, name);
    out.push_back(column(static_cast<size_t>(field - request_.source_columns.data())));
  }
  return out;
}

std::string DayScan::sql(const std::vector<size_t>& files) const {
  std::map<size_t, std::vector<size_t>> places;  // kind -> places in `files`
  for (size_t place = 0; place < files.size(); ++place) places[kind_.at(files[place])].push_back(place);
  std::vector<std::string> scans;
  for (const auto& [kind, of_kind] : places) {
    std::vector<size_t> alike;
    for (const size_t place : of_kind) alike.push_back(files[place]);
    scans.push_back(sql_of_alike(
        alike, places.size() == 1
                   ? "file_index"
                   : fmt::format("CAST([{}][CAST(file_index AS BIGINT) + 1] AS UBIGINT)", fmt::join(of_kind, ", "))));
  }
  return fmt::format("({})", fmt::join(scans, " UNION ALL "));
}

std::string DayScan::sql(size_t first, size_t last) const {
  std::vector<size_t> files;
  for (size_t i = first; i <= last; ++i) files.push_back(i);
  return sql(files);
}

std::string DayScan::sql_of_alike(const std::vector<size_t>& files, const std::string& file) const {
  const SourceFile& one = request_.sources.at(files.front());
  const bool hidden = hides_places(one);
  std::vector<std::string> paths, items;
  for (const size_t i : files) paths.push_back(request_.sources[i].path);
  for (size_t i = 0; i < request_.source_columns.size(); ++i) {
    const Field& declared = request_.source_columns[i];
    const Stored& stored = stored_as(one, declared);
    const std::string name = hidden ? fmt::format("metl_raw_{}", i) : sql::identifier(stored.name);
    // A cast to the type that a column has already is none to DuckDB.
    const Type& type = find_field(one.schema, declared.name)->type;
    items.push_back(
        fmt::format("CAST({} AS {}) AS {}", as_readable(name, type, stored), to_duckdb(declared.type), column(i)));
  }
  return fmt::format(
      "SELECT {}, {} AS metl_file, file_row_number AS metl_row FROM {}", fmt::join(items, ", "), file,
      hidden ? fmt::format("read_parquet({}, schema = {})", file_list(paths), renaming(one, request_.source_columns))
             : scan_sql(paths));
}

}  // namespace metl::engine
