// The records of runs, read back: those of a warehouse, and those that wait on this machine to be delivered to it.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/spool.h"

namespace metl::pipeline {

struct KeptRun {
  std::string run_id;
  nlohmann::ordered_json record;
  bool waits = false;  // on this machine
};

// Those that began at `since` or later, newest first. A record that cannot be read is left out with a warning. Throws
// Error.
std::vector<KeptRun> runs_since(const RecordPlace& place, std::chrono::system_clock::time_point since);

// Throws Error{kUsage} when there is none of that id.
KeptRun run_of(const RecordPlace& place, const std::string& run_id);

// The value at a JSON pointer of a record, for people; "-" where there is none.
std::string text_at(const nlohmann::ordered_json& record, const char* pointer);

// For people: how the run ended, its steps, checks that did not pass, samples, versions, and how to run it again.
std::string to_text(const KeptRun& run);

}  // namespace metl::pipeline
