#include "pipeline/tests/day_fixture.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/error.h"
#include "base/files.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/types.h"
#include "pipeline/tests/row_set.h"
#include "quality/model/sensitive.h"
#include "source/source.h"
#include "sql/names.h"

namespace metl::pipeline::tests {
namespace {

namespace fs = std::filesystem;
using Kind = Type::Kind;

void require_own_rows(const Definition& pipeline) {
  if (pipeline.inputs.empty()) return;
  throw Error(Cause::kConfiguration,
              fmt::format("pipeline '{}' reads further inputs, of which --from-day chooses no rows", pipeline.name),
              "Write the test by hand: docs/testing.md.");
}

// A target's column may show what a source's column of another name holds.
void require_known_origin(const Definition& pipeline, const quality::SensitiveColumns& sensitive) {
  for (const auto& column : pipeline.target_columns) {
    if (!sensitive.hold(column) || find_field(pipeline.source.contents.columns, column.name) != nullptr) continue;
    throw Error(
        Cause::kConfiguration,
        fmt::format("column '{}' of the target is sensitive, and the source has none of that name: which of its "
                    "columns to mask cannot be told",
                    column.name),
        "Name those of the source alone: --set checks.sensitive_columns=NAME,NAME.");
  }
}

std::vector<Cells> some_rows(engine::DuckdbEngine& engine, const Definition& pipeline, const DayChoice& choice) {
  const source::Source source(choice.raw_location, pipeline.source);
  source::Snapshot snapshot = source.snapshot({choice.day}, engine);
  snapshot.to_parquet(engine, {.folder = choice.folder, .name_prefix = "day", .cluster_by = {}});
  source.require_rows({choice.day}, snapshot);
  std::vector<std::string> paths, names, casts;
  for (const auto& file : snapshot.files()) paths.push_back(file.path);
  if (paths.empty()) return {};
  for (const auto& column : pipeline.source.contents.columns) {
    names.push_back(sql::identifier(column.name));
    casts.push_back(fmt::format("CAST({0} AS {1}) AS {0}", names.back(), engine::to_duckdb(column.type)));
  }
  const std::string day =
      fmt::format("SELECT {} FROM {}", fmt::join(casts, ", "), engine::scan_sql(paths, ", union_by_name = true"));
  return cells_of(engine,
                  fmt::format("SELECT * FROM ({}) AS rows_of_the_day ORDER BY hash({}) LIMIT {}", day,
                              fmt::join(names, ", "), choice.rows),
                  pipeline.source.contents.columns);
}

// What stands for the `number`th value of a column of this type.
std::string stand_in(const Type& type, size_t number) {
  std::string digits = fmt::format("{}", number);
  switch (type.kind) {
    case Kind::kString:
      return fmt::format("\"masked {}\"", number);
    case Kind::kByte:
      return number <= INT8_MAX ? digits : "null";
    case Kind::kShort:
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kFloat:
    case Kind::kDouble:
      return digits;
    case Kind::kDecimal:
      return digits.size() <= static_cast<size_t>(type.precision - type.scale) ? fmt::format("\"{}\"", digits) : "null";
    default:
      return "null";
  }
}

void mask(std::vector<Cells>& rows, size_t column, const Type& type) {
  std::map<std::string, size_t> numbers;
  for (auto& row : rows) {
    if (row[column] == "null") continue;
    const size_t number = numbers.emplace(row[column], numbers.size() + 1).first->second;
    row[column] = stand_in(type, number);
  }
}

}  // namespace

std::string write_day_test(engine::DuckdbEngine& engine, const Definition& pipeline, const DayChoice& choice) {
  const Schema& columns = pipeline.source.contents.columns;
  const quality::SensitiveColumns sensitive(choice.sensitive_columns);
  require_own_rows(pipeline);
  require_known_origin(pipeline, sensitive);
  const fs::path folder = fs::absolute(pipeline.file).parent_path() / "tests";
  const std::string name = "day-" + choice.day.iso();
  const fs::path test = folder / (name + ".yaml"), given = folder / (name + ".ndjson");
  for (const auto& path : {test, given, folder / (name + "-expected.ndjson")}) {
    if (fs::exists(fs::symlink_status(path)))
      throw Error(Cause::kConfiguration, fmt::format("{} is there already", path.string()), "Remove or rename it.");
  }
  std::vector<Cells> rows = some_rows(engine, pipeline, choice);
  std::vector<std::string> masked;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!sensitive.hold(columns[i])) continue;
    mask(rows, i, columns[i].type);
    masked.push_back(sql::literal(columns[i].name));
  }
  files::create_folders(folder);
  files::write(given, lines_of(rows, columns));
  files::write(test,
               fmt::format("---\n# {} rows of the day, chosen by `movies-etl test --from-day`. Masked columns: {}.\n\n"
                           "- name: Rows of {}\n  run_date: {}\n  given:\n    source: {{file: {}.ndjson}}\n"
                           "  expect: {{file: {}-expected.ndjson}}\n",
                           rows.size(), masked.empty() ? "none" : fmt::format("{}", fmt::join(masked, ", ")),
                           choice.day.iso(), choice.day.iso(), name, name));
  return test;
}

}  // namespace metl::pipeline::tests
