// What the formats say in the same words.
#pragma once

#include <string>
#include <string_view>

#include "quality/model/result.h"

namespace metl::quality {

// "ratings [daily]", "the data source".
std::string title_of(const CheckResult& check);

// What a bad check found: "invalid_count(rating) = 3, must be = 0".
std::string finding_of(const CheckResult& check);

// "4 checks: 2 passed, 1 failed, 1 not evaluated, 1 error".
std::string summary_of(const ScanResult& result);

// "checks.yaml:3:5: no such column" and a newline. Engines answer with several lines: none of them begins with their
// own text, which CI systems could take for a command.
std::string message_of(const ScanError& error);

}  // namespace metl::quality
