// A small query result: what passes between an engine and the layers that ask it. Never a whole dataset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/type.h"

namespace metl {

// SQL NULL is monostate. Integers of every width are int64, also sums of them and decimals without a fraction (what is
// too wide for it and other decimals arrive as double), dates, timestamps and nested values as their SQL text.
using Value = std::variant<std::monostate, bool, int64_t, double, std::string>;

struct Rows {
  Schema columns;
  std::vector<std::vector<Value>> rows;  // each as long as `columns`
};

inline bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

// A number's value; empty for anything else.
inline std::optional<double> as_number(const Value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

// The value as people read it; "NULL" for NULL. Doubles print their shortest round-trip form.
std::string to_text(const Value& value);

}  // namespace metl
