// Tokens of a check line or section header.
//
// Wider than Soda's lexer on purpose, in ways that change no valid file: any amount of space between tokens, none
// around operators, and words that Soda reserves (`d`, `in`, `for`, `last`) as names. A word runs up to one of `
// <=>()[],`, a ${variable} inside it counts as one letter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metl::quality {

struct Token {
  enum class Kind { kWord, kQuoted, kOperator, kOpen, kClose, kOpenSquare, kCloseSquare, kComma, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;  // without quotes
  size_t begin = 0;  // bytes in the line
  size_t end = 0;
};

// What is wrong at a byte of a line.
struct LineError {
  size_t offset = 0;
  std::string message;
};

// Ends with a kEnd token. Throws LineError.
std::vector<Token> tokenize(std::string_view line);

}  // namespace metl::quality
