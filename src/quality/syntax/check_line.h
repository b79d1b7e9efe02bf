// The grammar of check lines, `when` conditions and section headers: text -> ast.h. No variables are filled in, no
// names resolved.
#pragma once

#include <string>
#include <string_view>

#include "quality/model/ast.h"
#include "quality/syntax/lexer.h"

namespace metl::quality {

// All throw LineError for what is not in the grammar.
CheckLine parse_check_line(std::string_view line);

// "when > 3". The condition under which a check warns or fails.
Condition parse_when(std::string_view text);

struct Header {
  enum class Kind {
    kChecks,
    kDataSourceChecks,
    kFilter,
    kConfigurations,
    kForEachDataset,
    kForEachColumn,
    kVariables,
    kDiscover,
    kProfile,
    kSample,
    kAutomatedMonitoring,
  };
  Kind kind = Kind::kChecks;
  Name name;              // the dataset, or the variable of `for each`
  std::string partition;  // "" for none
};
Header parse_header(std::string_view text);

// "> 3", "between (1 and 5]": as people write it, in the grammar that parses it.
std::string to_text(const Condition& condition);

// A plain decimal number with nothing around it. Empty for anything else, infinities and NaN included.
std::optional<double> parse_number(std::string_view text);

}  // namespace metl::quality
