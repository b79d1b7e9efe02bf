// A part of a scan whose failure is an error of its own and costs the others nothing.
#pragma once

#include <vector>

#include "base/error.h"
#include "quality/model/ast.h"
#include "quality/model/result.h"

namespace metl::quality {

// Runs the part; false when it ended in an error, which is then noted, at `at` if it has no place. Throws
// Error{kInterrupted} only.
template <typename Part>
bool guarded(std::vector<ScanError>& errors, const Location& at, const Part& part) {
  try {
    part();
    return true;
  } catch (const Problem& p) {
    errors.push_back({p.at.line == 0 ? at : p.at, p.message});
  } catch (const Error& e) {
    if (e.cause() == Cause::kInterrupted) throw;
    errors.push_back({at, e.in_full()});
  }
  return false;
}

}  // namespace metl::quality
