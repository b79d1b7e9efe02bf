#include "pipeline/scaffold/survey.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/parquet_io.h"
#include "sql/names.h"

namespace metl::pipeline::scaffold {
namespace {

using Kind = Type::Kind;

constexpr size_t kMostKeyColumns = 12;  // that are tried in pairs

// Whether people tell rows apart by such values.
bool can_be_key(const Type& type) {
  return !type.is_nested() && type.kind != Kind::kFloat && type.kind != Kind::kDouble && type.kind != Kind::kBoolean &&
         type.kind != Kind::kBinary;
}

source::Contents contents_of(const std::vector<std::string>& paths) {
  using Format = engine::TextFormat;
  for (const auto& text : {std::optional<Format>{}, std::optional(Format{Format::Kind::kCsv}),
                           std::optional(Format{Format::Kind::kJson})}) {
    const source::Contents contents{{}, text};
    if (std::all_of(paths.begin(), paths.end(), [&](const auto& path) { return contents.has_ending_of(path); }))
      return contents;
  }
  throw Error(Cause::kConfiguration,
              fmt::format("{} is none of Parquet, CSV and JSON, or not all files are of one format", paths.front()),
              "Names end in .parquet, .csv, .json, .jsonl or .ndjson; behind text also .gz or .zst.");
}

// What stands behind FROM. DuckDB finds out the types of text.
std::string scan_of(const source::Contents& contents, const std::vector<std::string>& paths) {
  if (!contents.text) return engine::scan_sql(paths);
  const std::string files = engine::file_list(paths);
  return contents.text->kind == engine::TextFormat::Kind::kCsv
             ? fmt::format("read_csv({}, header = true, strict_mode = true)", files)
             : fmt::format("read_json({}, format = 'newline_delimited', records = 'true')", files);
}

int64_t number(const Rows& rows, size_t column) { return std::get<int64_t>(rows.rows.at(0).at(column)); }

// One column that differs in every row, or else two.
std::vector<std::string> key_of(engine::DuckdbEngine& engine, const Survey& survey, const std::string& scan) {
  std::vector<std::string> columns;
  for (const auto& column : survey.contents.columns) {
    const bool is_full =
        std::find(survey.never_null.begin(), survey.never_null.end(), column.name) != survey.never_null.end();
    if (is_full && can_be_key(column.type) && columns.size() < kMostKeyColumns) columns.push_back(column.name);
  }
  // Those that are called so come first.
  std::stable_partition(columns.begin(), columns.end(),
                        [](const std::string& name) { return text::to_lower(name).ends_with("id"); });
  std::vector<std::vector<std::string>> tries;
  for (const auto& one : columns) {
    // Times differ by chance; only together with something else they tell rows apart.
    if (!is_time(find_field(survey.contents.columns, one)->type)) tries.push_back({one});
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    for (size_t j = i + 1; j < columns.size(); ++j) tries.push_back({columns[i], columns[j]});
  }
  // One after the other: each holds all of its values in memory.
  for (const auto& tried : tries) {
    std::vector<std::string> quoted;
    for (const auto& name : tried) quoted.push_back(sql::identifier(name));
    const auto values = engine.query(fmt::format("SELECT count(DISTINCT ({})) FROM {}", fmt::join(quoted, ", "), scan));
    if (number(values, 0) == survey.rows) return tried;
  }
  return {};
}

}  // namespace

bool is_time(const Type& type) {
  return type.kind == Kind::kTimestamp || type.kind == Kind::kTimestampNtz || type.kind == Kind::kDate;
}

Survey survey_files(engine::DuckdbEngine& engine, const std::vector<std::string>& paths) {
  Survey out{.contents = contents_of(paths)};
  const std::string scan = scan_of(out.contents, paths);
  if (out.contents.text) {
    out.contents.columns = engine.query(fmt::format("SELECT * FROM {} LIMIT 0", scan)).columns;
  } else {
    out.contents.columns = engine.inspect({paths.front()}).front().schema;
  }
  std::vector<std::string> items{"count(*)"};
  for (const auto& column : out.contents.columns) {
    const std::string name = sql::identifier(column.name);
    items.push_back(fmt::format("count({})", name));
    items.push_back(column.type.is_number() ? fmt::format("count(CASE WHEN {} < 0 THEN 1 END)", name) : "1");
  }
  const Rows facts = engine.query(fmt::format("SELECT {} FROM {}", fmt::join(items, ", "), scan));
  out.rows = number(facts, 0);
  for (size_t i = 0; i < out.contents.columns.size() && out.rows > 0; ++i) {
    const Field& column = out.contents.columns[i];
    if (number(facts, 2 * i + 1) == out.rows) out.never_null.push_back(column.name);
    if (column.type.is_number() && number(facts, 2 * i + 2) == 0) out.never_negative.push_back(column.name);
  }
  if (out.rows > 0) out.key = key_of(engine, out, scan);
  return out;
}

}  // namespace metl::pipeline::scaffold
