// Text from outside (names, values, other programs' messages) made safe for what it is printed into.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace metl::text {

// One code point and its length in bytes. Of what is not UTF-8, one byte: `valid` is false, `code` that byte.
struct CodePoint {
  uint32_t code = 0;
  size_t length = 1;
  bool valid = true;
};

// `at` is inside `utf8`.
CodePoint code_point(std::string_view utf8, size_t at);

// The offset of the first byte that is not UTF-8; npos when all of it is.
size_t find_invalid_utf8(std::string_view text);

// What is not UTF-8 becomes U+FFFD; all else stays.
std::string valid_utf8(std::string_view text);

// One line that can do nothing to a terminal or a log: control characters, those that turn the direction of writing
// and bytes that are not UTF-8 are spelled out (\n, \x1b, \u202e). All else stays, tabs too.
std::string printable(std::string_view text);

// The same for a message of several lines: they stay, those behind the first indented, so that no line break in a name
// can begin a line that passes for one of the log.
std::string printable_lines(std::string_view text);

}  // namespace metl::text
