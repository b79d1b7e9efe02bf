// What a run does for its table once its days are published, as the configuration asks: optimize and vacuum, each when
// it is due. When it was done last is in the table's history, where every process and machine finds it; rejected: a
// file that says so, which would be one more thing to keep in step.
#pragma once

#include <chrono>
#include <optional>

#include "engine/engine.h"
#include "pipeline/run.h"

namespace metl::pipeline {

struct Upkeep {
  std::optional<std::chrono::seconds> optimize_every;
  std::optional<std::chrono::seconds> vacuum_kept;  // what no version of so long needs is removed, once a day
  std::chrono::seconds limit{0};                    // nothing more is begun after it: no partition, no folder
};

// Of the table of the request. What goes wrong, or takes too long, is a warning: the days are published. Never throws.
void look_after(engine::Engine& engine, const RunRequest& request, const Upkeep& wanted) noexcept;

}  // namespace metl::pipeline
