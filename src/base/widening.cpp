#include "base/widening.h"

#include <algorithm>

#include "base/text.h"

namespace metl {
namespace {

using Kind = Type::Kind;

// Decimal digits that the values of a whole number's type have at most; 0 for other types.
int whole_digits(const Type& type) {
  switch (type.kind) {
    case Kind::kByte:
      return 3;
    case Kind::kShort:
      return 5;
    case Kind::kInt:
      return 10;
    case Kind::kLong:
      return 19;
    default:
      return 0;
  }
}

// Digits of which every number fits a whole number's type; 0 for other types.
int fitting_digits(const Type& type) { return std::max(whole_digits(type) - 1, 0); }

bool whole_widens(const Type& from, const Type& to) {
  if (whole_digits(to) > 0) return whole_digits(from) <= whole_digits(to);
  if (to.kind == Kind::kDecimal) return whole_digits(from) <= to.precision - to.scale;
  if (to.kind == Kind::kDouble) return from.kind != Kind::kLong;
  return to.kind == Kind::kFloat && (from.kind == Kind::kByte || from.kind == Kind::kShort);
}

bool decimal_widens(const Type& from, const Type& to) {
  if (to.kind == Kind::kDecimal)
    return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
  return from.scale == 0 && from.precision <= fitting_digits(to);
}

bool children_widen(const Type& from, const Type& to) {
  return from.kind == to.kind && std::equal(from.children.begin(), from.children.end(), to.children.begin(),
                                            to.children.end(), [](const Field& inner, const Field& outer) {
                                              return text::to_lower(inner.name) == text::to_lower(outer.name) &&
                                                     widens(inner.type, outer.type);
                                            });
}

}  // namespace

bool widens(const Type& from, const Type& to) {
  if (from == to) return true;
  if (from.is_nested()) return children_widen(from, to);
  if (whole_digits(from) > 0) return whole_widens(from, to);
  if (from.kind == Kind::kDecimal) return decimal_widens(from, to);
  return (from.kind == Kind::kFloat && to.kind == Kind::kDouble) ||
         (from.kind == Kind::kDate && to.kind == Kind::kTimestampNtz);
}

}  // namespace metl
