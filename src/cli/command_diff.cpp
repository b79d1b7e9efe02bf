// movies-etl diff
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "base/text.h"
#include "base/unicode.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/target.h"
#include "pipeline/look.h"
#include "table/history.h"

namespace metl::cli {
namespace {

struct DiffFlags {
  std::string sides;  // "3..5", "2021-01-01..2021-01-02"
  std::string key;
  uint64_t examples = 0;
  bool fail_if_diff = false;
};

using Json = nlohmann::ordered_json;

std::pair<std::string, std::string> two_sides(const std::string& text) {
  const size_t dots = text.find("..");
  if (dots != std::string::npos && dots > 0 && dots + 2 < text.size())
    return {text.substr(0, dots), text.substr(dots + 2)};
  throw Error(Cause::kUsage, fmt::format("'{}' is not A..B", text),
              "Give two versions, such as 3..5, or two days, such as 2021-01-01..2021-01-02.");
}

std::vector<std::string> key_of(const Target& target, const std::string& given) {
  if (given == "none") return {};
  if (!given.empty()) return text::split(given, ',');
  if (!target.pipeline.merge_key.empty()) return target.pipeline.merge_key;
  std::vector<std::string> key = target.pipeline.dedupe ? target.pipeline.dedupe->key : std::vector<std::string>();
  // Of the source: where the target has not all of it, rows are compared as wholes.
  const bool whole = std::all_of(key.begin(), key.end(), [&](const std::string& name) {
    return find_field(target.pipeline.target_columns, name) != nullptr;
  });
  return whole ? key : std::vector<std::string>();
}

pipeline::DiffRequest versions(const Target& target, uint64_t before, uint64_t after, std::vector<std::string> key) {
  const table::Table older = table::open_version(target.root, before);
  const table::Table newer = table::open_version(target.root, after);
  const auto old_files = older.files({});
  const auto new_files = newer.files({});
  // A key is one within a partition.
  for (const auto& column : newer.partition_columns()) {
    if (!key.empty() && std::find(key.begin(), key.end(), column) == key.end()) key.push_back(column);
  }
  // Of files that both have, the rows are the same.
  return {
      .before = pipeline::dataset_of(fmt::format("version {}", before), older, table::without(old_files, new_files)),
      .after = pipeline::dataset_of(fmt::format("version {}", after), newer, table::without(new_files, old_files)),
      .key = std::move(key),
      .ignore = {}};
}

pipeline::DiffRequest days(const Target& target, const Date& before, const Date& after, std::vector<std::string> key) {
  const table::Table table = newest_table(target);
  const auto side = [&](const Date& day) {
    return pipeline::dataset_of(day.iso(), table, table.files(day_partition(target, table, day)));
  };
  return {.before = side(before),
          .after = side(after),
          .key = std::move(key),
          .ignore = {day_partition(target, table, before).begin()->first}};
}

const char* word_of(pipeline::ChangedRow::Kind kind) {
  switch (kind) {
    case pipeline::ChangedRow::Kind::kAdded:
      return "added";
    case pipeline::ChangedRow::Kind::kRemoved:
      return "removed";
    case pipeline::ChangedRow::Kind::kChanged:
      return "changed";
  }
  return "";
}

Json json_of(const pipeline::Difference& difference, const DiffFlags& flags) {
  Json schema = Json::array();
  for (const auto& one : difference.schema)
    schema.push_back({{"column", one.column}, {"before", one.before}, {"after", one.after}});
  Json examples = Json::array();
  for (const auto& row : difference.examples) {
    Json key = Json::object();
    for (const auto& [column, value] : row.key) key[column] = value;
    Json cells = Json::object();
    for (const auto& cell : row.cells) cells[cell.column] = {{"before", cell.before}, {"after", cell.after}};
    examples.push_back({{"kind", word_of(row.kind)}, {"key", key}, {"columns", cells}});
  }
  return {{"compared", flags.sides},   {"differ", difference.any()},    {"schema", schema},
          {"added", difference.added}, {"removed", difference.removed}, {"changed", difference.changed},
          {"examples", examples}};
}

void print_text(const pipeline::Difference& difference, const DiffFlags& flags) {
  for (const auto& one : difference.schema) {
    print("column {}: {} -> {}\n", text::printable(one.column), one.before.empty() ? "(none)" : one.before,
          one.after.empty() ? "(none)" : one.after);
  }
  for (const auto& row : difference.examples) {
    std::vector<std::string> key;
    for (const auto& [column, value] : row.key) key.push_back(fmt::format("{}={}", column, value));
    print("{:<8} {}\n", word_of(row.kind), text::printable(fmt::format("{}", fmt::join(key, ", "))));
    for (const auto& cell : row.cells)
      print("           {}\n", text::printable(fmt::format("{}: {} -> {}", cell.column, cell.before, cell.after)));
  }
  print("{}: {} rows added, {} removed, {} changed{}\n", flags.sides, text::human_count(difference.added),
        text::human_count(difference.removed), text::human_count(difference.changed),
        difference.schema.empty() ? "" : fmt::format(", {} columns differ", difference.schema.size()));
}

pipeline::DiffRequest request_of(const Target& target, const DiffFlags& flags) {
  const auto [before, after] = two_sides(flags.sides);
  const auto key = key_of(target, flags.key);
  if (before.find('-') != std::string::npos) return days(target, parse_day(before), parse_day(after), key);
  const auto version = number_from<uint64_t>(0);
  return versions(target, version(before), version(after), key);
}

int diff_command(const Invocation& invocation) {
  const auto& flags = invocation.own<DiffFlags>();
  two_sides(flags.sides);
  const Target target = target_of(invocation);
  const app::TimeLimit limit(invocation.timeout);
  app::ChosenEngine chosen(&target.settings, {{"the location of " + target.table, target.root}});
  newest_table(target);
  pipeline::DiffRequest request = request_of(target, flags);
  request.sensitive_columns = hidden_columns(target);
  request.examples = flags.examples;
  const pipeline::Difference difference = pipeline::difference_of(chosen.get(), request);
  if (invocation.output_json) {
    print_document(json_of(difference, flags));
  } else {
    print_text(difference, flags);
  }
  return static_cast<int>(flags.fail_if_diff && difference.any() ? ExitCode::kCheckFailed : ExitCode::kDone);
}

Command this_command() {
  return {
      .name = "diff",
      .rank = 46,
      .summary = "Tell what two versions or two days of the table differ in",
      .description =
          "Compares two versions of the table, or two days of its newest version: columns, and rows added, removed and changed by key, with examples. "
          "The key is the one by which the pipeline merges or drops duplicates; without one whole rows are compared. Files that both versions have are not read.",
      .examples = {"movies-etl diff 3..5", "movies-etl diff 2021-01-01..2021-01-02 --key movie_id,user_id",
                   "movies-etl diff 4..5 --fail-if-diff --output json"},
      .flags = joined(
          Flag{
              .name = "SIDES",
              .value = "A..B",
              .help = "Two versions, such as 3..5, or two days, such as 2021-01-01..2021-01-02.",
              .store = into(&DiffFlags::sides),
              .required = true,
          },
          pipeline_flag(), settings_flags(), engine_flags(),
          Flag{
              .name = "--key",
              .value = "COLUMNS",
              .help = "Columns that tell a row from all others, such as movie_id,user_id; none compares whole rows.",
              .store = into(&DiffFlags::key),
          },
          Flag{
              .name = "--examples",
              .value = "N",
              .help = "So many rows of each kind.",
              .store = into(&DiffFlags::examples, number_from<uint64_t>(0, 10000)),
              .default_text = "5",
          },
          Flag{
              .name = "--fail-if-diff",
              .help = "Ends with exit code 2 when anything differs.",
              .store = turns_on(&DiffFlags::fail_if_diff),
          },
          output_flag()),
      .run = diff_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
