#include "pipeline/tests/shown.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "base/unicode.h"
#include "quality/report/xml.h"

namespace metl::pipeline::tests {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostRows = 20;  // of a kind that are told to people

Json value_of(const std::string& cell) {
  Json value = Json::parse(cell, nullptr, false);
  return value.is_discarded() ? Json(cell) : value;
}

// Without quotes where YAML reads a text either way.
std::string key_of(const std::string& name) {
  static const std::vector<std::string> kWords{"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  const std::string word = text::to_lower(name);
  const bool plain = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
                     std::find(kWords.begin(), kWords.end(), word) == kWords.end() &&
                     std::all_of(name.begin(), name.end(),
                                 [](unsigned char c) { return c == '_' || (c < 0x80 && std::isalnum(c) != 0); });
  return plain ? name : Json(name).dump();
}

template <typename Row, typename Line>
void add_some(std::vector<std::string>& out, const std::vector<Row>& rows, const Line& line) {
  for (size_t i = 0; i < std::min(rows.size(), kMostRows); ++i) out.push_back(line(rows[i]));
  if (rows.size() > kMostRows)
    out.push_back(fmt::format("  and {} more", text::human_count(static_cast<int64_t>(rows.size() - kMostRows))));
}

std::string line_of(const ChangedRow& row) {
  std::vector<std::string> cells;
  for (const auto& [column, expected, found] : row.cells)
    cells.push_back(fmt::format("{} is {}, expected {}", column, found, expected));
  return fmt::format("~ {}: {}", yaml_of(row.row), fmt::join(cells, "; "));
}

// Each on one line.
std::vector<std::string> lines_of(const Result& result) {
  std::vector<std::string> out;
  for (const auto& reason : result.reasons) {
    for (const auto& line : text::split(reason, '\n')) out.push_back(line);
  }
  const Difference& rows = result.difference;
  if (!rows.empty() && result.written.empty()) {
    out.push_back(rows.misplaced
                      ? fmt::format("the rows are as expected, but in another order: row {} is {}, expected {}",
                                    rows.misplaced->number, yaml_of(rows.misplaced->found),
                                    yaml_of(rows.misplaced->expected))
                      : fmt::format("the rows differ: {} changed (~), {} missing (-), {} unexpected (+)",
                                    rows.changed.size(), rows.missing.size(), rows.unexpected.size()));
    add_some(out, rows.changed, line_of);
    add_some(out, rows.missing, [](const ShownRow& row) { return "- " + yaml_of(row); });
    add_some(out, rows.unexpected, [](const ShownRow& row) { return "+ " + yaml_of(row); });
  }
  if (!result.to_paste.empty()) {
    out.emplace_back("only a file of rows (.ndjson) is rewritten; these can be pasted in place of the expected ones:");
    for (const auto& row : result.to_paste) out.push_back("  - " + yaml_of(row));
  }
  if (!result.written.empty()) out.push_back("wrote " + result.written);
  for (auto& line : out) line = text::printable(line);
  return out;
}

int64_t count(const std::vector<Result>& results, Verdict verdict) {
  return std::count_if(results.begin(), results.end(), [&](const Result& one) { return one.verdict == verdict; });
}

std::string_view word_of(Verdict verdict) {
  return verdict == Verdict::kPassed ? "ok" : verdict == Verdict::kFailed ? "failed" : "updated";
}

// What JSON has no number for is a text.
Json json_of(const ShownRow& row) {
  Json out = Json::object();
  for (const auto& [name, cell] : row) out[name] = value_of(cell);
  return out;
}

Json json_of(const Difference& rows) {
  const auto list = [](const std::vector<ShownRow>& of) {
    Json out = Json::array();
    for (const auto& row : of) out.push_back(json_of(row));
    return out;
  };
  Json changed = Json::array();
  for (const auto& row : rows.changed) {
    Json cells = Json::object();
    for (const auto& [column, expected, found] : row.cells)
      cells[column] = {{"expected", value_of(expected)}, {"found", value_of(found)}};
    changed.push_back({{"row", json_of(row.row)}, {"columns", cells}});
  }
  return {{"changed", changed},
          {"missing", list(rows.missing)},
          {"unexpected", list(rows.unexpected)},
          {"only_order", rows.misplaced.has_value()}};
}

}  // namespace

std::string yaml_of(const ShownRow& row) {
  std::vector<std::string> parts;
  for (const auto& [name, cell] : row) parts.push_back(fmt::format("{}: {}", key_of(name), cell));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

bool all_passed(const std::vector<Result>& results) { return count(results, Verdict::kFailed) == 0; }

std::string to_text(const std::vector<Result>& results) {
  std::string out;
  for (const auto& one : results) {
    const char* title = one.verdict == Verdict::kFailed ? "FAILED" : one.verdict == Verdict::kPassed ? "ok" : "updated";
    out += fmt::format("{:<7} {}: {}\n", title, text::printable(one.pipeline), text::printable(one.name));
    if (one.verdict == Verdict::kFailed) out += fmt::format("        {}\n", text::printable(metl::to_text(one.place)));
    for (const auto& line : lines_of(one)) out += fmt::format("        {}\n", line);
  }
  out += fmt::format("{} {}: {} ok, {} failed", results.size(), results.size() == 1 ? "test" : "tests",
                     count(results, Verdict::kPassed), count(results, Verdict::kFailed));
  if (const int64_t updated = count(results, Verdict::kUpdated); updated > 0)
    out += fmt::format(", {} updated", updated);
  return out + "\n";
}

std::string to_junit(const std::vector<Result>& results) {
  const auto xml = quality::xml_text;
  std::string suites;
  for (size_t first = 0; first < results.size();) {
    const std::string& pipeline = results[first].pipeline;
    std::string cases;
    size_t end = first, failures = 0;
    for (; end < results.size() && results[end].pipeline == pipeline; ++end) {
      const Result& one = results[end];
      std::vector<std::string> lines;
      for (const auto& line : lines_of(one)) lines.push_back(xml(line));
      cases += fmt::format("    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\">", xml(one.name),
                           xml(pipeline), xml(one.place.file), one.place.line);
      if (one.verdict == Verdict::kFailed) {
        ++failures;
        cases += fmt::format("<failure message=\"{}\">{}</failure>", lines.front(), fmt::join(lines, "\n"));
      } else if (!lines.empty()) {
        cases += fmt::format("<system-out>{}</system-out>", fmt::join(lines, "\n"));
      }
      cases += "</testcase>\n";
    }
    suites += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\">\n{}",
                          xml(pipeline), end - first, failures, cases);
    suites += "  </testsuite>\n";
    first = end;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\" errors=\"0\">\n{}"
      "</testsuites>\n",
      results.size(), count(results, Verdict::kFailed), suites);
}

Json to_json(const std::vector<Result>& results, int exit_code) {
  Json tests = Json::array();
  for (const auto& one : results) {
    Json test{{"pipeline", one.pipeline},        {"name", one.name},
              {"file", one.place.file},          {"line", one.place.line},
              {"outcome", word_of(one.verdict)}, {"reasons", one.reasons}};
    if (!one.difference.empty()) test["rows"] = json_of(one.difference);
    if (!one.written.empty()) test["written"] = one.written;
    tests.push_back(test);
  }
  return {{"exit_code", exit_code},
          {"passed", count(results, Verdict::kPassed)},
          {"failed", count(results, Verdict::kFailed)},
          {"updated", count(results, Verdict::kUpdated)},
          {"tests", tests}};
}

}  // namespace metl::pipeline::tests
