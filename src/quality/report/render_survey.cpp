#include <fmt/format.h>

#include "base/unicode.h"
#include "quality/report/render.h"

namespace metl::quality {
namespace {

std::string shown(const Value& value) { return text::printable(to_text(value)); }

// "smallest 1, 2, 3"; "" for none.
template <typename List, typename Text>
std::string line_of(std::string_view title, const List& list, const Text& text) {
  std::vector<std::string> parts;
  for (const auto& item : list) parts.push_back(text(item));
  return parts.empty() ? "" : fmt::format("      {}{}\n", title, fmt::join(parts, ", "));
}

std::string text_of(const ColumnProfile& column) {
  std::string out =
      fmt::format("  {}  {}\n", text::printable(column.column.name), text::printable(type_name(column.column.type)));
  out += line_of("", column.figures, [](const auto& f) { return fmt::format("{} {}", f.first, shown(f.second)); });
  out += line_of("smallest ", column.mins, shown);
  out += line_of("largest ", column.maxs, shown);
  out += line_of("most frequent ", column.frequent,
                 [](const auto& f) { return fmt::format("{} ({} x)", shown(f.first), f.second); });
  std::vector<std::string> bins;
  for (size_t i = 0; i < column.boundaries.size() && i < column.frequencies.size(); ++i)
    bins.push_back(fmt::format("from {}: {}", column.boundaries[i], column.frequencies[i]));
  return out + line_of("histogram ", bins, [](const auto& bin) { return bin; });
}

std::string columns_text(const Schema& columns) {
  std::vector<std::string> parts;
  for (const auto& column : columns) parts.push_back(text::printable(column.name + " " + type_name(column.type)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

nlohmann::json json_of(const Value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return *whole;
  if (const auto number = as_number(value)) return *number;
  return is_null(value) ? nlohmann::json(nullptr) : nlohmann::json(text::valid_utf8(to_text(value)));
}

nlohmann::json json_of(const std::vector<Value>& values) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& value : values) out.push_back(json_of(value));
  return out;
}

nlohmann::json json_of(const ColumnProfile& column) {
  nlohmann::json out = {{"column", text::valid_utf8(column.column.name)}, {"type", type_name(column.column.type)}};
  for (const auto& [figure, value] : column.figures) out[figure] = json_of(value);
  out["frequent"] = nlohmann::json::array();
  for (const auto& [value, count] : column.frequent)
    out["frequent"].push_back({{"value", json_of(value)}, {"frequency", count}});
  if (column.mins.empty()) return out;
  out["mins"] = json_of(column.mins);
  out["maxs"] = json_of(column.maxs);
  out["histogram"] = {{"boundaries", column.boundaries}, {"frequencies", column.frequencies}};
  return out;
}

}  // namespace

std::string render_text(const Survey& survey) {
  std::string out;
  for (const auto& found : survey.discovered)
    out += fmt::format("found {}\n  {}\n", text::printable(found.dataset), columns_text(found.columns));
  for (const auto& profile : survey.profiles) {
    out += fmt::format("profile of {}, {} rows\n", text::printable(profile.dataset), profile.rows);
    for (const auto& column : profile.columns) out += text_of(column);
  }
  for (const auto& sample : survey.samples) {
    out += fmt::format("sample of {}\n", text::printable(sample.dataset));
    out += sample.file.empty() ? "  not kept: there is no folder for it without a configuration, or nothing to keep\n"
                               : fmt::format("  {}\n", text::printable(sample.file));
  }
  return out;
}

nlohmann::json to_json(const Survey& survey) {
  nlohmann::json out;
  for (const auto& found : survey.discovered)
    out["discovered"].push_back(
        {{"dataset", text::valid_utf8(found.dataset)}, {"columns", text::valid_utf8(columns_text(found.columns))}});
  for (const auto& profile : survey.profiles) {
    nlohmann::json columns = nlohmann::json::array();
    for (const auto& column : profile.columns) columns.push_back(json_of(column));
    out["profiles"].push_back(
        {{"dataset", text::valid_utf8(profile.dataset)}, {"rows", profile.rows}, {"columns", std::move(columns)}});
  }
  for (const auto& sample : survey.samples)
    out["samples"].push_back({{"dataset", text::valid_utf8(sample.dataset)}, {"file", text::valid_utf8(sample.file)}});
  return out;
}

}  // namespace metl::quality
