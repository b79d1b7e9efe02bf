// How a check's own query is known in the SELECT of its failing rows.
#pragma once

#include <string_view>

namespace metl::quality {

// CheckResult::failing_rows ends in this where it is "SELECT * FROM (the check's own query)"; that may show a column
// under another name, which what is generated never does.
inline constexpr std::string_view kOwnQueryEnd = " AS failing";

}  // namespace metl::quality
