#include "pipeline/scaffold/write.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "sql/names.h"

namespace metl::pipeline::scaffold {
namespace {

namespace fs = std::filesystem;

bool is_plain(const std::string& name) {
  static const std::regex kPlain("[A-Za-z_][A-Za-z0-9_]*");
  return std::regex_match(name, kPlain);
}

// A text as YAML has it, in quotes unless it is plainly a name.
std::string yaml_text(const std::string& text) {
  static const std::regex kOther("(y|n|yes|no|on|off|true|false|null)", std::regex::icase);
  return is_plain(text) && !std::regex_match(text, kOther) ? text : nlohmann::json(text).dump();
}

std::string yaml_list(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& name : names) out.push_back(yaml_text(name));
  return fmt::format("[{}]", fmt::join(out, ", "));
}

// By which of two rows of one key the earlier is told: a time, or else whatever is not of the key.
std::string order_of(const Survey& survey) {
  const auto& columns = survey.contents.columns;
  auto found = std::find_if(columns.begin(), columns.end(), [](const Field& column) { return is_time(column.type); });
  if (found == columns.end()) {
    found = std::find_if(columns.begin(), columns.end(), [&](const Field& column) {
      return std::find(survey.key.begin(), survey.key.end(), column.name) == survey.key.end();
    });
  }
  return found == columns.end() ? survey.key.front() : found->name;
}

std::string partition_of(const Schema& columns) {
  for (std::string name = "run_date";; name = "execution_" + name) {
    if (find_field(columns, name) == nullptr) return name;
  }
}

// What the table calls each column: a Delta table takes no blanks, commas and their like in a name.
std::vector<std::string> target_names(const Schema& columns) {
  std::vector<std::string> out;
  for (const auto& column : columns) {
    std::string name = column.name;
    for (char& c : name) {
      if (std::string_view(" ,;{}()\n\t=").find(c) != std::string_view::npos) c = '_';
    }
    const auto is_taken = [&](const std::string& other) { return text::to_lower(other) == text::to_lower(name); };
    while (std::any_of(out.begin(), out.end(), is_taken)) name += '_';
    out.push_back(name);
  }
  return out;
}

// The same of some of them.
std::vector<std::string> target_names_of(const std::vector<std::string>& chosen, const Schema& columns) {
  const auto all = target_names(columns);
  std::vector<std::string> out;
  for (const auto& name : chosen)
    out.push_back(all.at(static_cast<size_t>(find_field(columns, name) - columns.data())));
  return out;
}

std::string pipeline_text(const std::string& name, const Survey& survey, const DayPlace& place) {
  const std::string partition = partition_of(survey.contents.columns);
  const auto names = target_names(survey.contents.columns);
  std::string columns, target;
  for (size_t i = 0; i < names.size(); ++i) {
    const Field& column = survey.contents.columns[i];
    const std::string type = nlohmann::json(type_name(column.type)).dump();
    columns += fmt::format("    {}: {}\n", yaml_text(column.name), type);
    target += fmt::format("    {}: {}\n", yaml_text(names[i]), type);
  }
  std::string out = fmt::format(
      "# Made of {} rows of {}. Reference: docs/pipelines.md.\n# yaml-language-server: $schema=../pipeline.schema.json\n"
      "source:\n  location: {}\n  path: {}\n",
      survey.rows, place.day.iso(), nlohmann::json(place.location).dump(), nlohmann::json(place.path).dump());
  if (survey.contents.text) out += fmt::format("  format: {}\n", text::to_lower(survey.contents.format()));
  out += fmt::format("  columns:\n{}\non_empty_input: fail\n\n", columns);
  if (!survey.key.empty()) {
    out += fmt::format(
        "dedupe:                             # a guess: these columns tell the rows of that day apart\n  key: {}\n"
        "  order: {}\n\n",
        yaml_list(survey.key), yaml_list({order_of(survey)}));
  }
  out += fmt::format("transform: transform.sql\n\ntarget:\n  table: default.{}\n  partition: {}\n", name, partition);
  if (!survey.key.empty())
    out += fmt::format("  cluster_by: {}\n", yaml_list(target_names_of(survey.key, survey.contents.columns)));
  out += fmt::format("  columns:\n{}    {}: string\n\nchecks: checks.yaml\n", target, partition);
  return out;
}

std::string transform_text(const Schema& columns) {
  const auto names = target_names(columns);
  std::vector<std::string> items;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string item = "  " + sql::identifier(columns[i].name);
    items.push_back(names[i] == columns[i].name ? item : fmt::format("{} AS {}", item, sql::identifier(names[i])));
  }
  return fmt::format("-- The day's rows. The partition column is added by the run.\nSELECT\n{}\nFROM source\n",
                     fmt::join(items, ",\n"));
}

std::string checks_text(const Survey& survey, const std::string& partition) {
  std::string out = fmt::format(
      "# SodaCL; docs/checks.md. Guesses: each holds for the day that the pipeline was made of.\n\n"
      "filter ${{table}} [daily]:\n  where: {} = '${{run_date}}'\n\nchecks for ${{table}} [daily]:\n  - row_count > 0\n",
      partition);
  const auto key = target_names_of(survey.key, survey.contents.columns);
  if (!key.empty() && std::all_of(key.begin(), key.end(), is_plain))
    out += fmt::format("  - duplicate_count({}) = 0\n", fmt::join(key, ", "));
  for (const auto& name : target_names_of(survey.never_null, survey.contents.columns)) {
    if (is_plain(name)) out += fmt::format("  - missing_count({}) = 0\n", name);
  }
  for (const auto& name : target_names_of(survey.never_negative, survey.contents.columns)) {
    if (is_plain(name)) out += fmt::format("  - invalid_count({}) = 0:\n      valid min: 0\n", name);
  }
  return out;
}

std::string test_text() {
  return "# docs/testing.md. Real rows: movies-etl test NAME --from-day DAY --rows 20\n"
         "- name: A row comes out\n  given:\n    source:\n      - {}\n  expect:\n    count: 1\n";
}

// Nothing for the 45th of a month.
std::optional<Date> day_of(const std::string& year, const std::string& month, const std::string& day) {
  try {
    return Date::parse(fmt::format("{}-{}-{}", year, month, day));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<DayPlace> day_place_of(const std::string& folder) {
  static const std::regex kFolders("(.+)/([0-9]{4})/([0-9]{2})/([0-9]{2})");
  static const std::regex kOne("(.+)/([^/]*?)([0-9]{4})(-?)([0-9]{2})(-?)([0-9]{2})([^/]*)");
  std::smatch found;
  // By the places of year, month and day in what was found.
  const auto place = [&](const std::string& path, size_t year, size_t month, size_t day) -> std::optional<DayPlace> {
    const auto date = day_of(found.str(year), found.str(month), found.str(day));
    if (!date) return std::nullopt;
    return DayPlace{found.str(1), path, *date};
  };
  if (std::regex_match(folder, found, kFolders)) return place("{yyyy}/{MM}/{dd}", 2, 3, 4);
  if (!std::regex_match(folder, found, kOne)) return std::nullopt;
  return place(fmt::format("{}{{yyyy}}{}{{MM}}{}{{dd}}{}", found.str(2), found.str(4), found.str(6), found.str(8)), 3,
               5, 7);
}

void write_pipeline(const std::string& folder, const std::string& name, const Survey& survey, const DayPlace& place) {
  const fs::path home = fs::path(folder) / name;
  if (fs::exists(home)) {
    throw Error(Cause::kConfiguration, fmt::format("{} is there already", home.string()),
                "Give the new pipeline another name; nothing was written.");
  }
  files::create_folders(home / "tests");
  files::write(home / "transform.sql", transform_text(survey.contents.columns));
  files::write(home / "checks.yaml", checks_text(survey, partition_of(survey.contents.columns)));
  files::write(home / "tests" / "first.yaml", test_text());
  files::write(home / "pipeline.yaml", pipeline_text(name, survey, place));  // last: then it is one
}

}  // namespace metl::pipeline::scaffold
