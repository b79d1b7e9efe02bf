// What stands behind a flag, read into an invocation. All throw a usage error that says what is wrong with the text.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/time.h"
#include "cli/flags.h"

namespace metl::cli {

template <typename Number>
Number number(const std::string& text, Number least, Number most) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [at, failed] = std::from_chars(text.data(), end, value);
  if (failed == std::errc() && at == end && value >= least && value <= most) return value;
  const char* kind = std::is_integral_v<Number> ? "a whole number" : "a number";
  if (most == std::numeric_limits<Number>::max()) {
    throw Error(Cause::kUsage, fmt::format("'{}' is not {} of at least {}", text, kind, least));
  }
  throw Error(Cause::kUsage, fmt::format("'{}' is not {} from {} to {}", text, kind, least, most));
}

int64_t count(const std::string& text);
std::chrono::seconds duration(const std::string& text);
void store_setting(Invocation& out, const std::string& text);
std::pair<std::string, std::string> name_and_value(const std::string& text);
Date parse_day(const std::string& text);
void store_check_format(Invocation& out, const std::string& text);
void store_memory_limit(Invocation& out, const std::string& text);
void store_engine(Invocation& out, const std::string& text);
void store_spark_remote(Invocation& out, const std::string& text);
void store_threads(Invocation& out, const std::string& text);
void store_timeout(Invocation& out, const std::string& text);
void store_log_level(Invocation& out, const std::string& text);

}  // namespace metl::cli
