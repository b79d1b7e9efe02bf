// What is to be scanned: files, variables, times.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "quality/model/history.h"

namespace metl::quality {

struct ScanRequest {
  std::vector<std::string> files;                // YAML files
  std::map<std::string, std::string> variables;  // override those that the files declare
  std::chrono::system_clock::time_point now;     // of freshness checks
  bool compat = false;                           // pass in silence where Soda Core does
  bool allow_empty = false;                      // no check at all is no error
  // The time that the data is about, such as the execution date; absent: `now`. Comparisons are with earlier ones only.
  std::optional<std::chrono::system_clock::time_point> data_time = {};
  Earlier earlier = {};  // what scans before measured; absent: checks that compare with it are errors
  std::vector<std::string> sensitive_columns = {};  // their values are neither shown nor kept (sensitive.h)
};

}  // namespace metl::quality
