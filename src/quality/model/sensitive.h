// Columns whose values must not be shown: those that checks.sensitive_columns lists, of any dataset, in any case.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/type.h"

namespace metl::quality {

// What stands where a value is not shown.
inline constexpr const char* kHidden = "(hidden)";

class SensitiveColumns {
 public:
  SensitiveColumns() = default;
  explicit SensitiveColumns(const std::vector<std::string>& names);

  bool none() const { return names_.empty(); }

  // A column, or a field at a path of structs: whether the path, a beginning of it or a name in it is listed.
  bool hold(const std::string& path) const;
  // The same of a column, or of any field at any depth of it.
  bool hold(const Field& column) const;

 private:
  bool hold(const std::string& path, const Type& type) const;

  std::set<std::string> names_;  // lower-case
};

}  // namespace metl::quality
