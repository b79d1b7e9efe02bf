#include "quality/syntax/reading.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "base/text.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

constexpr size_t kMaxSqlFile = size_t{1024} * 1024;

}  // namespace

bool is_none_to_soda(const yaml::Node& list, const std::string& file, const std::string& key, Findings& findings) {
  if (!findings.compat || !list.is_sequence() || list.size() > 0) return false;
  findings.notices.push_back({location_of(file, list), fmt::format("'{}' is an empty list and does nothing", key)});
  return true;
}

void refuse_date_of_soda(const yaml::Node& item, const std::string& file, const std::string& key,
                         const Findings& findings) {
  // As YAML 1.1 and ruamel.yaml, its reader there, have them.
  static const std::regex kDate(
      R"(\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?([Tt]|[ \t]+)\d\d?:\d\d:\d\d(\.\d*)?([ \t]*(Z|[-+]\d\d?(:\d\d)?))?)");
  if (!findings.compat || !item.is_scalar() || item.is_quoted() || !std::regex_match(item.text(), kDate)) return;
  throw Problem{
      location_of(file, item),
      fmt::format("'{}' of '{}' is a date to Soda Core, which no list there can hold; quote it", item.text(), key)};
}

Location location_of(const std::string& file, const yaml::Node& node) { return yaml::place_in(file, node); }

Text text_of(const std::string& file, const yaml::Node& node, std::string_view what) {
  if (!node.is_scalar()) throw Problem{location_of(file, node), fmt::format("'{}' must be a plain value", what)};
  return {node.text(), location_of(file, node)};
}

std::optional<bool> boolean_of(const yaml::Node& node) {
  if (!node.is_scalar() || node.is_quoted()) return std::nullopt;
  const std::string& text = node.text();
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

std::vector<std::pair<std::string, Text>> read_attributes(const std::string& file, const yaml::Node& value) {
  if (!value.is_map()) throw Problem{location_of(file, value), "'attributes' must map names to values"};
  std::vector<std::pair<std::string, Text>> out;
  for (const auto& entry : value) {
    const std::string name = text_of(file, entry.first, "an attribute's name").text;
    if (!entry.second.is_sequence()) {
      out.emplace_back(name, text_of(file, entry.second, "an attribute"));
      continue;
    }
    Text list{"", location_of(file, entry.second)};
    for (const auto& item : entry.second)
      list.text += (list.text.empty() ? "" : ", ") + text_of(file, item, "an attribute").text;
    out.emplace_back(name, list);
  }
  return out;
}

int64_t whole_number(const std::string& file, const yaml::Node& value, const std::string& key, int64_t most) {
  const Text text = text_of(file, value, key);
  const auto number = parse_number(text.text);
  if (!number || *number < 0 || *number > static_cast<double>(most) ||
      *number != static_cast<double>(static_cast<int64_t>(*number))) {
    throw Problem{text.at, fmt::format("'{}' must be a whole number from 0 to {}, but is '{}'", key, most, text.text)};
  }
  return static_cast<int64_t>(*number);
}

std::string sql_of_file(const std::string& file, const Text& path) {
  namespace fs = std::filesystem;
  for (const fs::path& candidate : {fs::path(file).parent_path() / path.text, fs::path(path.text)}) {
    std::error_code failed;
    if (!fs::is_regular_file(candidate, failed)) continue;
    if (fs::file_size(candidate, failed) > kMaxSqlFile)
      throw Problem{path.at, fmt::format("{} is larger than 1 MiB", path.text)};
    std::ifstream in(candidate, std::ios::binary);
    std::ostringstream text;
    if (in && text << in.rdbuf()) return text.str();
  }
  throw Problem{path.at,
                fmt::format("the SQL file {} cannot be read; it is looked for beside the checks file", path.text)};
}

std::string unknown_setting(const std::string& key, const std::string& line) {
  static const std::vector<std::string> kKeys = {"name",
                                                 "identity",
                                                 "warn",
                                                 "fail",
                                                 "filter",
                                                 "attributes",
                                                 "samples limit",
                                                 "on_bad_rows",
                                                 "missing values",
                                                 "missing format",
                                                 "missing regex",
                                                 "valid values",
                                                 "valid format",
                                                 "valid regex",
                                                 "valid min",
                                                 "valid max",
                                                 "valid length",
                                                 "valid min length",
                                                 "valid max length",
                                                 "invalid values",
                                                 "invalid format",
                                                 "invalid regex",
                                                 "include null",
                                                 "fail condition",
                                                 "fail query",
                                                 "query",
                                                 "fields",
                                                 "checks",
                                                 "group_limit",
                                                 "failed rows query",
                                                 "distribution reference file",
                                                 "method",
                                                 "sample"};
  return fmt::format("'{}' is not a setting of the check \"{}\".{}", key, line, text::did_you_mean(key, kKeys));
}

}  // namespace metl::quality
