#include "quality/model/sensitive.h"

#include <algorithm>

#include "base/text.h"

namespace metl::quality {

SensitiveColumns::SensitiveColumns(const std::vector<std::string>& names) {
  for (const auto& name : names) names_.insert(text::to_lower(name));
}

bool SensitiveColumns::hold(const std::string& path) const {
  if (names_.empty()) return false;
  std::string until;
  for (const auto& part : text::split(text::to_lower(path), '.')) {
    until += (until.empty() ? "" : ".") + std::string(part);
    if (names_.contains(std::string(part)) || names_.contains(until)) return true;
  }
  return false;
}

bool SensitiveColumns::hold(const Field& column) const { return hold(column.name, column.type); }

bool SensitiveColumns::hold(const std::string& path, const Type& type) const {
  if (hold(path)) return true;
  return std::any_of(type.children.begin(), type.children.end(), [&](const Field& part) {
    // The parts of a list and of a map bear no names of the user's.
    return hold(type.kind == Type::Kind::kStruct ? path + "." + part.name : path, part.type);
  });
}

}  // namespace metl::quality
