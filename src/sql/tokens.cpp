#include "sql/tokens.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace metl::sql {
namespace {

using Kind = Token::Kind;

bool is_of_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c < 0; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// Behind the quote that closes what is open at `from`; npos when there is none. A doubled quote is one of the text.
size_t end_of_quoted(std::string_view sql, size_t from) {
  for (size_t at = sql.find(sql[from], from + 1); at != std::string_view::npos; at = sql.find(sql[from], at + 2)) {
    if (at + 1 == sql.size() || sql[at + 1] != sql[from]) return at + 1;
  }
  return std::string_view::npos;
}

// The length of "$tag$" at `from`; 0 when there is none.
size_t length_of_tag(std::string_view sql, size_t from) {
  if (sql[from] != '$' || (from > 0 && is_of_word(sql[from - 1]))) return 0;
  size_t end = from + 1;
  while (end < sql.size() && is_of_word(sql[end])) ++end;
  return end < sql.size() && sql[end] == '$' ? end + 1 - from : 0;
}

size_t end_of_comment(std::string_view sql, size_t from) {
  size_t at = from + 2;
  for (int depth = 1; at < sql.size();) {
    const std::string_view two = sql.substr(at, 2);
    depth += two == "/*" ? 1 : two == "*/" ? -1 : 0;
    at += two == "/*" || two == "*/" ? 2 : 1;
    if (depth == 0) return at;
  }
  return std::string_view::npos;
}

template <typename Belongs>
size_t end_of_run(std::string_view sql, size_t from, const Belongs& belongs) {
  size_t end = from;
  while (end < sql.size() && belongs(sql[end])) ++end;
  return end;
}

// The kind of what begins at `from`, and where it ends; npos for what is not closed.
std::pair<Kind, size_t> piece_at(std::string_view sql, size_t from) {
  const char c = sql[from];
  const std::string_view two = sql.substr(from, 2);
  if (c == '\'') return {Kind::kText, end_of_quoted(sql, from)};
  if (c == '"' || c == '`') return {Kind::kName, end_of_quoted(sql, from)};
  if (two == "--") return {Kind::kComment, std::min(sql.find_first_of("\r\n", from), sql.size())};
  if (two == "/*") return {Kind::kComment, end_of_comment(sql, from)};
  if (is_space(c)) return {Kind::kSpace, end_of_run(sql, from, is_space)};
  if (is_of_word(c)) return {Kind::kWord, end_of_run(sql, from, is_of_word)};
  if (const size_t tag = length_of_tag(sql, from); tag > 0) {
    const size_t close = sql.find(sql.substr(from, tag), from + tag);
    return {Kind::kText, close == std::string_view::npos ? close : close + tag};
  }
  return {Kind::kOther, from + 1};
}

}  // namespace

std::string Token::unquoted() const {
  if (text.empty() || std::string_view("'\"`").find(text.front()) == std::string_view::npos) return std::string(text);
  const std::string quote(1, text.front());
  return text::replace_all(std::string(text.substr(1, text.size() - (is_closed ? 2 : 1))), quote + quote, quote);
}

std::vector<Token> tokens_of(std::string_view sql) {
  std::vector<Token> out;
  for (size_t at = 0; at < sql.size();) {
    const auto [kind, end] = piece_at(sql, at);
    out.push_back(
        {kind, sql.substr(at, end == std::string_view::npos ? end : end - at), end != std::string_view::npos});
    at = std::min(end, sql.size());
  }
  return out;
}

}  // namespace metl::sql
