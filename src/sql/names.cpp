#include "sql/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace metl::sql {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

}  // namespace

std::string literal(std::string_view text) { return quoted(text, '\''); }
std::string identifier(std::string_view name) { return quoted(name, '"'); }

std::string order_by(const std::vector<std::string>& columns) {
  std::vector<std::string> keys;
  keys.reserve(columns.size());
  for (const auto& name : columns) keys.push_back(identifier(name) + " NULLS FIRST");
  return keys.empty() ? "" : fmt::format(" ORDER BY {}", fmt::join(keys, ", "));
}

}  // namespace metl::sql
