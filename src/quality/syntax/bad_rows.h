// The setting `on_bad_rows` of a check: YAML -> OnBadRows.
#pragma once

#include <string>

#include "quality/model/ast.h"
#include "quality/syntax/reading.h"

namespace metl::quality {

// Throws Problem for anything but an action that there is, and a `max` in percent.
OnBadRows read_on_bad_rows(const yaml::Node& value, const std::string& file);

// Throws Problem unless each row by itself is good or bad to this check, whatever the other rows are: missing and
// invalid values, a `fail condition`, a reference. Only such rows can be set aside.
void require_judges_rows(const Check& check);

}  // namespace metl::quality
