// What a scan would do, without doing it: the checks that files hold, and the SQL that each would run.
#pragma once

#include <string>
#include <vector>

#include "quality/scan.h"

namespace metl::quality {

struct ExplainedCheck {
  CheckResult check;  // not evaluated
  std::vector<std::string>
      queries;  // SQL, as if the check were alone; in a scan, aggregates of one dataset share a query
  std::vector<std::string> probes = {};  // SELECTs that bind only if what the check asks for does
};

struct Explanation {
  std::vector<ExplainedCheck> checks;  // in the order written
  std::vector<ScanError> errors;
  std::vector<ScanError> notices;
};

// The checks as the files hold them: variables stay as they are, those of `for each dataset` are listed once. No data
// is touched, no `queries` are given.
Explanation list_checks(const std::vector<std::string>& files);

// The checks as they are planned: asks `data` for views and schemas, runs no query.
Explanation explain(const ScanRequest& request, const DataAccess& data);

// Each check with its place below its dataset, its SQL below it, then errors and notices, then their numbers.
std::string render_text(const Explanation& explanation);

}  // namespace metl::quality
