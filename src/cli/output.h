// Standard output and standard error of the commands, with secrets masked (base/secrets.h). Neither failing changes
// what a command did: what cannot be written is remembered, never thrown.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace metl::cli {

// To standard output.
void write_out(std::string_view text);

template <typename... Args>
void print(fmt::format_string<Args...> format, Args&&... args) {
  write_out(fmt::format(format, std::forward<Args>(args)...));
}

template <typename Json>
void print_document(const Json& document) {
  print("{}\n", on_many_lines(document));
}

// To standard error, past the log.
void write_error(std::string_view text);

// Empties the buffers of standard output.
void flush_out();

// The same. The reason why something of it was not written; "" when all was, or its reader went away before the end.
std::string finish_output();

}  // namespace metl::cli
