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

// `to` is what stands in this place of another type, or null where there is no such place. `next` is the next leaf.
Type nulls_replaced(const Type& from, const NullLeaves& nulls, const Type* to, bool everywhere, size_t& next) {
  if (!from.is_nested()) {
    const size_t leaf = next++;
    return to != nullptr && leaf < nulls.size() && nulls[leaf] ? *to : from;
  }
  const bool alike = to != nullptr && to->kind == from.kind && to->children.size() == from.children.size();
  Type out = from;
  for (size_t i = 0; i < out.children.size(); ++i) {
    const Type* below = alike ? &to->children[i].type : nullptr;
    out.children[i].type = nulls_replaced(from.children[i].type, nulls, everywhere ? to : below, everywhere, next);
  }
  return out;
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

Type with_nulls_as(const Type& from, const NullLeaves& nulls, const Type& to) {
  size_t next = 0;
  return nulls_replaced(from, nulls, &to, false, next);
}

Type with_each_null_as(const Type& from, const NullLeaves& nulls, const Type& type) {
  size_t next = 0;
  return nulls_replaced(from, nulls, &type, true, next);
}

size_t leaves(const Type& type) {
  size_t out = type.is_nested() ? 0 : 1;
  for (const auto& child : type.children) out += leaves(child.type);
  return out;
}

}  // namespace metl
