// One day, from raw files to a published partition: the story of the program as one function.
#pragma once

#include <functional>
#include <string>

#include "base/time.h"
#include "engine/engine.h"
#include "pipeline/definition.h"
#include "pipeline/report.h"

namespace metl::pipeline {

struct RunRequest {
  Definition pipeline;
  Date day;
  std::string raw_location;      // absolute local path
  std::string curated_location;  // the warehouse; absolute local path
  std::string table;             // database.table
  uint64_t target_bytes = 128'000'000;
  std::string compression = "snappy";
  bool dry_run = false;
  bool evolve = false;
};

// What a run tells while it works; both may be called from other threads.
struct RunEvents {
  std::function<void(const std::string& step)> step;
  engine::Progress progress;
};

// Runs one day. Never throws for what can go wrong with a day: that is in the report. Appends the run record to
// `<curated_location>/_runs/`. On return the partition is the old one or the new one, and nothing staged is left.
RunReport run_day(const RunRequest& request, engine::Engine& engine, const RunEvents& events);

}  // namespace metl::pipeline
