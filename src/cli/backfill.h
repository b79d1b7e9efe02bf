// What of a range of days needs it, run, and told day by day: `backfill`, and `run --catch-up`.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/invocation.h"
#include "config/settings.h"
#include "pipeline/days/plan.h"

namespace metl::cli {

// The days of a pipeline as they are, compared with its table.
struct Planned {
  std::string table;  // database.table
  std::string table_root;
  std::vector<pipeline::DayPlan> days;
};

// Reads no data and changes nothing. `days` has at least one. Throws Error, for a configuration or a table of which no
// run would come to publish.
Planned planned(const config::Settings& settings, const pipeline::Definition& definition,
                const std::vector<Date>& days);

struct Backfill {
  std::vector<Date> days;  // ascending, at least one
  std::set<pipeline::Need> only{pipeline::Need::kMissing, pipeline::Need::kStale, pipeline::Need::kRefused};
  size_t jobs = 1;
  bool keep_going = false;
  bool expects_all = false;  // a day that has not landed is an exit code too
  std::function<void(pipeline::RunRequest& request)> adjust;
};

// The exit code: the worst of the days'.
int backfill(const Invocation& invocation, const Backfill& what);

// Of two codes the one that needs a person more.
ExitCode worse(ExitCode one, ExitCode other);

// "2021-01-01, 2021-01-03..2021-01-05": ascending days, those in a row as a range.
std::string in_ranges(const std::vector<Date>& days);

// The command line that does the same for these days: `words` with its days replaced.
std::string command_for(const Invocation& invocation, const std::vector<Date>& days);

}  // namespace metl::cli
