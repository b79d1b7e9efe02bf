// A check's result before anything is measured.
#pragma once

#include <string>

#include "quality/model/ast.h"
#include "quality/model/result.h"

namespace metl::quality {

// What is known of a check's result before anything is planned; `title` is its section's. Variables are as written.
CheckResult draft_of(const Check& check, const std::string& title, const std::string& dataset,
                     const std::string& partition);

}  // namespace metl::quality
