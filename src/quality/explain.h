// What a scan would do, without doing it: the checks that files hold, and the SQL that each would run.
#pragma once

#include <functional>
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

// A SELECT that binds only if each of these probes does.
struct SharedProbe {
  std::string sql;
  std::vector<std::string> probes;
};

struct Explanation {
  std::vector<ExplainedCheck> checks;  // in the order written
  std::vector<SharedProbe> shared;     // of all aggregates, as a scan asks for them
  std::vector<ScanError> errors;
  std::vector<ScanError> notices;
};

// The checks as the files hold them: variables stay as they are, those of `for each dataset` are listed once. No data
// is touched, no `queries` are given.
Explanation list_checks(const std::vector<std::string>& files);

// The checks as they are planned: asks `data` for views and schemas, runs no query.
Explanation explain(const ScanRequest& request, const DataAccess& data);

// Whether what the checks ask for binds: an error for each check that asks for what does not. `bind` throws Error for
// SQL that does not bind; a fault of the system and an interrupt are passed on. Asks as seldom as a scan does: a check
// of its own is only bound alone when it stands beside one that does not bind.
void bind_queries(const Explanation& explanation, const std::function<void(const std::string& sql)>& bind,
                  std::vector<ScanError>& errors);

// Each check with its place below its dataset, its SQL below it, then errors and notices, then their numbers.
std::string render_text(const Explanation& explanation);

}  // namespace metl::quality
