// The last run of a day that published nothing, or whose checks failed: what a plan tells of it.
//
// `<warehouse>/_runs/days/<table>/<day>.json`, replaced by each such run of the day and left there: one that published
// later makes it void by its time. Rejected: to look through the records of all runs, which are one file each and do
// not say in their names whose day they are of: in a store a plan would be thousands of requests.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipeline/run.h"

namespace metl::pipeline {

struct DayOutcome {
  std::string run_id;
  bool refused = false;      // its checks failed; else the run did
  int64_t ended_millis = 0;  // since the epoch
  int exit_code = 0;
  std::string cause;    // name_of(Cause); "" for checks
  std::string message;  // one line
};

// Nothing for a run after which there is nothing to tell: it published, or the day had not landed. Throws Error.
void keep_outcome(const RunRequest& request, const RunReport& report);

// By day ("2021-01-01"), those from the first to the last. What cannot be read is left out with a warning. Throws Error
// where the folder cannot be listed.
std::map<std::string, DayOutcome> outcomes(const std::string& warehouse, const std::string& table, const Date& first,
                                           const Date& last);

}  // namespace metl::pipeline
