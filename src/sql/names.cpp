#include "sql/names.h"

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

}  // namespace metl::sql
