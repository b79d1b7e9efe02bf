#include "quality/syntax/lexer.h"

#include <fmt/format.h>

namespace metl::quality {
namespace {

constexpr size_t kMaxLine = size_t{64} * 1024;
constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kEndsWord = " \t\r\n<=>()[],";

Token quoted(std::string_view line, size_t begin) {
  const char quote = line[begin];
  Token token{Token::Kind::kQuoted, "", begin, begin + 1};
  for (;;) {
    if (token.end >= line.size()) throw LineError{begin, fmt::format("the quote {} is not closed", quote)};
    const char c = line[token.end++];
    if (c == quote) {
      if (token.end >= line.size() || line[token.end] != quote) break;
      ++token.end;  // a doubled quote is one quote of the name
    }
    token.text += c;
  }
  if (token.text.empty()) throw LineError{begin, "a name is empty"};
  return token;
}

Token word(std::string_view line, size_t begin) {
  size_t end = begin;
  while (end < line.size() && kEndsWord.find(line[end]) == std::string_view::npos) {
    if (line.substr(end, 2) == "!=") break;
    if (line.substr(end, 2) == "${") {
      const size_t close = line.find('}', end);
      if (close == std::string_view::npos) throw LineError{end, "'${' is not closed by '}'"};
      end = close;
    }
    ++end;
  }
  return {Token::Kind::kWord, std::string(line.substr(begin, end - begin)), begin, end};
}

Token next(std::string_view line, size_t at) {
  const auto one = [&](Token::Kind kind, size_t length) {
    return Token{kind, std::string(line.substr(at, length)), at, at + length};
  };
  switch (line[at]) {
    case '(':
      return one(Token::Kind::kOpen, 1);
    case ')':
      return one(Token::Kind::kClose, 1);
    case '[':
      return one(Token::Kind::kOpenSquare, 1);
    case ']':
      return one(Token::Kind::kCloseSquare, 1);
    case ',':
      return one(Token::Kind::kComma, 1);
    case '"':
    case '`':
      return quoted(line, at);
    default:
      break;
  }
  const std::string_view two = line.substr(at, 2);
  for (const std::string_view op : {"<=", ">=", "!=", "<>"}) {
    if (two == op) return one(Token::Kind::kOperator, 2);
  }
  if (line[at] == '<' || line[at] == '>' || line[at] == '=') return one(Token::Kind::kOperator, 1);
  return word(line, at);
}

}  // namespace

std::vector<Token> tokenize(std::string_view line) {
  if (line.size() > kMaxLine) throw LineError{0, fmt::format("longer than {} bytes", kMaxLine)};
  std::vector<Token> tokens;
  size_t at = 0;
  while ((at = line.find_first_not_of(kSpace, at)) != std::string_view::npos) {
    tokens.push_back(next(line, at));
    at = tokens.back().end;
  }
  tokens.push_back({Token::Kind::kEnd, "", line.size(), line.size()});
  return tokens;
}

}  // namespace metl::quality
