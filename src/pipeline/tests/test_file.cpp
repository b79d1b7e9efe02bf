#include "pipeline/tests/test_file.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "pipeline/section.h"

namespace metl::pipeline::tests {
namespace fs = std::filesystem;
namespace {

const char* const kDefaultDay = "2021-01-01";

// 0 or more; nothing for a key that is not there.
std::optional<int64_t> number(const std::string& file, const Section& section, const std::string& key) {
  const yaml::Node value = section.optional(key);
  if (!value.is_defined()) return std::nullopt;
  const std::string written = value.is_scalar() && !value.is_quoted() ? value.text() : "";
  int64_t out = 0;
  const auto [end, failed] = std::from_chars(written.data(), written.data() + written.size(), out);
  if (written.empty() || failed != std::errc() || end != written.data() + written.size() || out < 0)
    throw yaml::error_at(file, value, fmt::format("'{}' must be a whole number from 0 up", section.named(key)));
  return out;
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path way = path.lexically_relative(folder);
  return !way.empty() && *way.begin() != ".." && *way.begin() != ".";
}

// A file beside the test, wherever links lead: a test reads and --update writes nothing else.
std::string path_beside(const std::string& file, const yaml::Node& name) {
  const std::string written = name.is_scalar() ? name.text() : "";
  if (format_of(written).empty()) {
    throw yaml::error_at(file, name, fmt::format("'{}' is not a file of rows", written),
                         "Its name ends in .ndjson, .jsonl, .json (one object a line), .csv or .parquet.");
  }
  const fs::path folder = fs::absolute(file).parent_path().lexically_normal();
  const fs::path path = (folder / written).lexically_normal();
  std::error_code failed;
  const fs::path real_folder = fs::canonical(folder, failed);
  const fs::path real = fs::weakly_canonical(path, failed);
  if (failed || fs::path(written).is_absolute() || !is_below(path, folder) || !is_below(real, real_folder)) {
    throw yaml::error_at(file, name, fmt::format("'{}' does not lie beside the test", written),
                         fmt::format("Put the file into {}, and write its path from there.", folder.string()));
  }
  return (fs::path(file).parent_path() / written).lexically_normal();
}

WrittenRows rows_of_file(const std::string& file, const yaml::Node& name, const Schema& columns) {
  return {name, path_beside(file, name), columns};
}

// `columns`: none where the test has to say them.
WrittenRows read_rows(const std::string& file, const yaml::Node& node, const std::string& what, Schema columns) {
  if (!node.is_sequence() && !node.is_map()) {
    throw yaml::error_at(file, node, fmt::format("'{}' must be a list of rows, or name a file", what),
                         "For example: [{id: 1}, {id: 2}], or {file: rows.ndjson}.");
  }
  const bool says_them = columns.empty();
  if (says_them && !(node.is_map() && node["columns"].is_defined())) {
    throw yaml::error_at(file, node, fmt::format("'{}' is a table, whose columns a test has to declare", what),
                         "Write {columns: {id: bigint, name: string}, rows: [{id: 1}]}, or with file instead of rows.");
  }
  if (node.is_sequence()) return {node, "", std::move(columns)};
  const Section section(
      file, node, what,
      says_them ? std::vector<std::string>{"columns", "rows", "file"} : std::vector<std::string>{"file"});
  if (says_them) columns = section.schema("columns");
  if (says_them && section.has("rows")) {
    if (section.has("file") || !section.required("rows").is_sequence())
      throw yaml::error_at(file, node, fmt::format("'{}' must have either a list of rows or a file", what));
    return {section.required("rows"), "", std::move(columns)};
  }
  return rows_of_file(file, section.required("file"), columns);
}

std::vector<ExpectedCheck> read_checks(const std::string& file, const yaml::Node& node) {
  static const std::vector<std::string> kOutcomes{"pass", "warn", "fail"};
  if (!node.is_map() || node.size() == 0) {
    throw yaml::error_at(file, node, "'checks' must map names of checks to outcomes",
                         R"(For example: {"The day has ratings": pass}.)");
  }
  std::vector<ExpectedCheck> out;
  for (const auto& entry : node) {
    const std::string outcome = entry.second.is_scalar() ? entry.second.text() : "";
    if (std::find(kOutcomes.begin(), kOutcomes.end(), outcome) == kOutcomes.end()) {
      throw yaml::error_at(
          file, entry.second,
          fmt::format("'{}' is not an outcome of a check.{}", outcome, text::did_you_mean(outcome, kOutcomes)),
          fmt::format("Outcomes are {}.", fmt::join(kOutcomes, ", ")));
    }
    out.push_back({entry.first.text(), outcome, yaml::place_in(file, entry.first)});
  }
  return out;
}

Expectation read_expectation(const std::string& file, const yaml::Node& node, const Schema& target) {
  Expectation out;
  if (node.is_sequence()) {
    out.rows = read_rows(file, node, "expect", target);
    return out;
  }
  const Section section(file, node, "expect", {"rows", "file", "ordered", "count", "duplicates", "error", "checks"});
  if (section.has("rows") && section.has("file"))
    throw yaml::error_at(file, section.required("file"), "'expect' has both 'rows' and 'file'");
  if (section.has("rows")) out.rows = read_rows(file, section.required("rows"), "expect.rows", target);
  if (section.has("file")) out.rows = rows_of_file(file, section.required("file"), target);
  out.ordered = section.choice("ordered", {"false", "true"}) == 1;
  if (section.has("ordered") && !out.rows)
    throw yaml::error_at(file, section.required("ordered"), "'expect.ordered' is about rows, and 'expect' has none");
  out.count = number(file, section, "count");
  out.duplicates = number(file, section, "duplicates");
  if (section.has("error")) out.error = section.text("error");
  if (section.has("checks")) out.checks = read_checks(file, section.required("checks"));
  const bool has_result = out.rows || out.count || out.duplicates || !out.checks.empty();
  if (out.error && has_result) {
    throw yaml::error_at(file, section.required("error"), "a test that expects an error can expect nothing else",
                         "After an error there are no rows, counts and checks. Write two tests.");
  }
  if (!out.error && !has_result) {
    throw yaml::error_at(file, node, "'expect' expects nothing",
                         "Give rows or a file of rows, count, duplicates, error or checks.");
  }
  return out;
}

Date read_day(const std::string& file, const yaml::Node& node) {
  if (!node.is_defined()) return Date::parse(kDefaultDay);
  try {
    return Date::parse(node.is_scalar() ? node.text() : "");
  } catch (const Error& e) {
    throw yaml::error_at(file, node, fmt::format("run_date: {}", e.message()), "Write it as YYYY-MM-DD.");
  }
}

Test read_test(const std::string& file, const yaml::Node& node, const std::vector<Input>& inputs,
               const Schema& target) {
  const Section section(file, node, "test", {"name", "run_date", "given", "expect"});
  Test out{
      section.text("name"), file, yaml::place_in(file, node), read_day(file, section.optional("run_date")), {}, {}};
  std::vector<std::string> names;
  for (const auto& input : inputs) names.push_back(input.name);
  const Section given(file, section.required("given"), "given", names);
  for (const auto& input : inputs)
    out.given.emplace(input.name, read_rows(file, given.required(input.name), given.named(input.name), input.columns));
  out.expect = read_expectation(file, section.required("expect"), target);
  return out;
}

}  // namespace

std::string format_of(const std::string& path) {
  const std::string end = text::to_lower(fs::path(path).extension().string());
  if (end == ".ndjson" || end == ".jsonl" || end == ".json") return "ndjson";
  return end == ".csv" ? "csv" : end == ".parquet" ? "parquet" : "";
}

std::vector<Test> read_tests(const std::string& file, const std::vector<Input>& inputs, const Schema& target) {
  const yaml::Node root = yaml::load_file(file);
  std::vector<Test> out;
  if (root.is_map()) {
    out.push_back(read_test(file, root, inputs, target));
  } else if (root.is_sequence() && root.size() > 0) {
    for (const auto& item : root) out.push_back(read_test(file, item, inputs, target));
  } else {
    throw yaml::error_at(file, root, "holds no tests", "Write a list of tests, each with name, given and expect.");
  }
  std::set<std::string> names;
  for (const auto& test : out) {
    if (names.insert(test.name).second) continue;
    throw Error(Cause::kConfiguration, test.place, fmt::format("another test of this file is named '{}'", test.name),
                "Give each test a name of its own.");
  }
  return out;
}

}  // namespace metl::pipeline::tests
