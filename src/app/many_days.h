// Several days of one pipeline in this process, some of them at once: each by an engine and a catalog of its own, which
// share the memory and the threads that the settings give to one.
#pragma once

#include <functional>
#include <vector>

#include "base/time.h"
#include "config/settings.h"
#include "engine/engine.h"
#include "pipeline/run.h"

namespace metl::app {

struct ManyDays {
  const config::Settings& settings;
  const pipeline::Definition& pipeline;
  std::vector<Date> days;
  size_t jobs = 1;          // days at once, at least one
  bool keep_going = false;  // after a day that did not end well; else the days under way are the last
  std::function<void(pipeline::RunRequest& request)> adjust;  // of each day's request what only flags say

  // Called by the threads of the days: `started` and `ended` one at a time, `advanced` at any moment.
  std::function<void(const Date& day)> started;
  std::function<void(const Date& day, const engine::Advance& now)> advanced;
  std::function<void(const pipeline::RunReport& report)> ended;
};

// Runs them in order. Those that were not begun, because of a day before or of a request to stop (base/stop.h), are not
// reported. Throws Error for what keeps every day from being run: settings, a catalog, an engine.
void run_days(const ManyDays& what);

}  // namespace metl::app
