// The rows of a day that lie in the quarantine, once more: those that are good to the present transform and checks join
// the day's rows in the table, the others stay where they are.
#pragma once

#include <optional>

#include "engine/engine.h"
#include "pipeline/report.h"
#include "pipeline/run.h"

namespace metl::pipeline {

// As run_day(): never throws for what can go wrong with a day, and keeps the run's record. The rows come from the
// quarantine alone: the raw files may be gone. On return each of them is in the table or in the quarantine, or the
// transform drops it; a day of which nothing changes is Status::kKept.
RunReport replay_day(const RunRequest& request, engine::Engine& engine, const RunEvents& events);

}  // namespace metl::pipeline
