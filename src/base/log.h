// Leveled log lines on standard error, as text or JSON; standard output belongs to a command's result.
//
// The backend is spdlog; only log.cpp includes it. Every line goes through the masker
// (base/secrets.h).
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string_view>
#include <utility>

namespace metl::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

// Before the first line, and again by whoever tells how the program ended, from any thread. Colour only when `colour`.
void configure(Level least, Format format, bool colour);

// Where lines go instead of standard error, each with its colours and without a newline; an empty function: back to
// standard error. For whoever draws on the terminal meanwhile. Called from any thread, one line at a time.
void write_lines_with(std::function<void(std::string_view)> writer);

// Added to every later JSON line (and nothing to text lines): "run_id", "execution_date".
void set_field(std::string_view name, std::string_view value);

void write(Level level, std::string_view message);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace metl::log
