// What stands behind a flag, read into an invocation: readers of texts, which throw a usage error that says what is
// wrong with the text, and the functions that store what they read.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "cli/command.h"

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

// A reader of numbers within bounds.
template <typename Number>
auto number_from(Number least, Number most = std::numeric_limits<Number>::max()) {
  return [least, most](const std::string& text) { return number(text, least, most); };
}

std::chrono::seconds duration(const std::string& text);
std::pair<std::string, std::string> name_and_value(const std::string& text);
Date parse_day(const std::string& text);

// Stores FIRST..LAST or one day, each YYYY-MM-DD, `today`, `yesterday` or `today-N`, which are days of UTC. Notes in
// the invocation what such words meant.
void store_days(Invocation& out, const std::string& text);

// Where a flag's value is kept: in the invocation itself, or in the struct that the command's file has for its own.
template <typename Owner>
Owner& owner_in(Invocation& invocation) {
  if constexpr (std::is_same_v<Owner, Invocation>) {
    return invocation;
  } else {
    return invocation.own<Owner>();
  }
}

// What `read` makes of the text goes into the field.
template <typename Owner, typename Value, typename Read>
Store into(Value Owner::*field, Read read) {
  return [field, read](Invocation& out, const std::string& text) { owner_in<Owner>(out).*field = read(text); };
}

// The text itself.
template <typename Owner>
Store into(std::string Owner::*field) {
  return [field](Invocation& out, const std::string& text) { owner_in<Owner>(out).*field = text; };
}

// For a flag that may be given again.
template <typename Owner, typename Value, typename Read>
Store appended_to(std::vector<Value> Owner::*field, Read read) {
  return
      [field, read](Invocation& out, const std::string& text) { (owner_in<Owner>(out).*field).push_back(read(text)); };
}

template <typename Owner>
Store turns_on(bool Owner::*field) {
  return [field](Invocation& out, const std::string&) { owner_in<Owner>(out).*field = true; };
}

}  // namespace metl::cli
