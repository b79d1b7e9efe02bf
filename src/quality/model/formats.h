// The named text formats of `valid format`, `invalid format` and `missing format`.
//
// They judge the shape of a text and the range of its parts, not its meaning: "2021-02-31" is a date, "999.1.1.1" an IP
// address, as in Soda Core.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metl::quality {

struct Format {
  std::string name;
  std::string regex;    // matches the whole text; written in what RE2 (DuckDB) and Java (Spark) read alike
  bool number = false;  // such a text is a number once all but digits, signs and separators are gone
};

// Null when there is none of that name. Lives as long as the process.
const Format* find_format(std::string_view name);
std::vector<std::string> format_names();

}  // namespace metl::quality
