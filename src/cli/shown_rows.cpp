#include "cli/shown_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/unicode.h"
#include "cli/output.h"

namespace metl::cli {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value) {
  return std::visit(
      [](const auto& held) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
          return nullptr;
        } else {
          return held;
        }
      },
      value);
}

}  // namespace

nlohmann::ordered_json json_of(const Rows& rows) {
  Json out = Json::array();
  for (const auto& row : rows.rows) {
    Json one = Json::object();
    for (size_t i = 0; i < rows.columns.size(); ++i) one[rows.columns[i].name] = json_of(row[i]);
    out.push_back(one);
  }
  return out;
}

void print_rows(const Rows& rows) {
  std::vector<std::vector<std::string>> lines(1);
  for (const auto& column : rows.columns) lines.front().push_back(text::printable(column.name));
  for (const auto& row : rows.rows) {
    lines.emplace_back();
    for (const auto& value : row) lines.back().push_back(text::printable(to_text(value)));
  }
  std::vector<size_t> widths(rows.columns.size(), 0);
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      const bool last = i + 1 == line.size();
      print("{:<{}}{}", line[i], last ? 0 : widths[i], last ? "\n" : "  ");
    }
  }
}

}  // namespace metl::cli
