// What a pipeline's days are: published as a run would publish them now, or what is wrong with each. It reads the
// table's log, the names of the raw files, leases and outcomes; no data.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "pipeline/run.h"

namespace metl::pipeline {

enum class DayState {
  kPublished,
  kMissing,          // landed, and not in the table
  kNotLanded,        // neither landed nor in the table
  kRawChanged,       // published of other raw files than there are now
  kPipelineChanged,  // by other pipeline files
  kInputChanged,     // with other versions of the inputs
  kRefused,          // the checks of the last run failed
  kFailed,           // the last run failed
  kRunning,
};

std::string_view name_of(DayState state);  // "raw changed"

// What backfill can be told to do only: of each state at most one.
enum class Need { kNothing, kMissing, kStale, kRefused };
Need need_of(DayState state);

struct DayPlan {
  Date day;
  DayState state = DayState::kMissing;
  std::optional<uint64_t> version = std::nullopt;  // of the last publication, if any; rows and millis are its too
  std::optional<int64_t> rows = std::nullopt;
  std::optional<int64_t> millis = std::nullopt;  // since the epoch
  std::string detail = {};                       // for people; "" for none
  std::string run_id = {};                       // of the run that the state speaks of, where it does
};

// Of each of the days (ascending, at least one). `request` is of any day; its table_root is known, stores are open.
// Throws Error for a table, a catalog or a store that cannot be read.
std::vector<DayPlan> plan_days(const RunRequest& request, const std::vector<Date>& days);

nlohmann::ordered_json to_json(const DayPlan& day);

// A line a day under a heading, and a last one that counts the states.
std::string to_text(const std::vector<DayPlan>& days);

}  // namespace metl::pipeline
