#include "engine/duckdb/exact_values.h"

#include <fmt/format.h>

namespace metl::engine {

using Kind = Type::Kind;

std::string pattern_of(const Type& type) {
  switch (type.kind) {
    case Kind::kByte:
    case Kind::kShort:
    case Kind::kInt:
    case Kind::kLong:
      return R"(\s*[+-]?[0-9]+(\.0*)?\s*)";
    case Kind::kDecimal:
      return fmt::format(R"(\s*[+-]?[0-9]*(\.[0-9]{{0,{}}}0*)?\s*)", type.scale);
    case Kind::kDate:
      return R"(\s*-?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}\s*)";
    case Kind::kTimestamp:  // no digit below the microsecond
      return R"([^.]*(\.[0-9]{0,6}0*([^0-9].*)?)?)";
    case Kind::kTimestampNtz:  // nor a zone
      return R"(\s*-?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9:]+(\.[0-9]{0,6}0*)?)?\s*)";
    default:
      return "";
  }
}

Type with_all_digits(const Type& type) {
  constexpr int kDigits = 38, kDigitsOfLong = 20;
  Type out = type;
  switch (type.kind) {
    case Kind::kByte:
    case Kind::kShort:
    case Kind::kInt:
    case Kind::kLong:
      return {.kind = Kind::kDecimal, .precision = kDigits, .scale = kDigits - kDigitsOfLong, .children = {}};
    case Kind::kDecimal:
      out.scale = kDigits - (type.precision - type.scale);
      out.precision = kDigits;
      return out;
    default:
      for (auto& child : out.children) child.type = with_all_digits(child.type);
      return out;
  }
}

}  // namespace metl::engine
