// Retention of what lies beside tables: records of runs, samples of failing rows, records that wait on this machine.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "pipeline/kept_files.h"
#include "pipeline/spool.h"

namespace metl::pipeline {

// How long each is kept after its run began; nothing said: for ever.
struct Retention {
  std::optional<std::chrono::seconds> records;
  std::optional<std::chrono::seconds> samples;
  std::optional<std::chrono::seconds> spool;

  bool keeps_all() const { return !records && !samples && !spool; }
};

struct ExpireRequest {
  RecordPlace place;  // whose records and samples
  Retention retention;
  bool dry_run = false;
  std::function<void(const char* kind, const KeptFile& file)> told;  // "record", "samples" or "spool"; as it goes
};

struct Expired {
  int64_t files = 0;
  uint64_t bytes = 0;
};

// A record stays as long as samples of its run do: without it nobody would know whose rows they are. A record that
// waits goes only if it belongs to the place. Throws Error; what was removed by then stays removed.
Expired expire(const ExpireRequest& request);

}  // namespace metl::pipeline
