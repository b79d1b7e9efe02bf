// What earlier scans measured, for checks that compare with it.
//
// A scan reads by an `Earlier` function and stores nothing itself: what it measured is in ScanResult::records, and its
// caller stores that when the data has become part of the truth (FileHistory::add). So a gate that refused a day keeps
// it out of the history: recorded, as Soda does, the bad day would be what the next one is compared with, and two bad
// days in a row would look like no change. A level that has changed for good is therefore refused until somebody widens
// the check for one run, or stores that run's records.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/rows.h"

namespace metl::quality {

// The time that data is about: a run's execution date, else the time of the scan. UTC.
using DataTime = std::chrono::sys_time<std::chrono::milliseconds>;

using MeasuredColumns = std::vector<std::pair<std::string, std::string>>;  // name and type, in order
using MeasuredGroups = std::vector<std::string>;
// A whole number stays one, whatever its size; a double is finite.
using HistoryValue = std::variant<double, int64_t, MeasuredColumns, MeasuredGroups>;

struct HistoryRecord {
  std::string key;  // canonical text of what is measured (plan/history_key.h)
  DataTime data_time;
  HistoryValue value;

  bool operator==(const HistoryRecord&) const = default;
};

// A measured number; empty for columns and groups.
inline std::optional<Value> number_of(const HistoryValue& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return *whole;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

// The records of `key` whose data time is before `before`, oldest first; at most one for each data time. Throws
// metl::Error when they cannot be read.
using Earlier = std::function<std::vector<HistoryRecord>(const std::string& key, DataTime before)>;

}  // namespace metl::quality
