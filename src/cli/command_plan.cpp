// movies-etl plan
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/backfill.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"

namespace metl::cli {
namespace {

struct PlanFlags {
  bool fail_on_gaps = false;
};

bool is_gap(const pipeline::DayPlan& day) {
  return day.state != pipeline::DayState::kPublished && day.state != pipeline::DayState::kRunning;
}

int plan_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  const auto definition = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline);
  const Planned plan = planned(settings, definition, invocation.days);
  const auto& days = plan.days;
  if (invocation.output_json) {
    auto documents = nlohmann::ordered_json::array();
    for (const auto& day : days) documents.push_back(pipeline::to_json(day));
    print_document(nlohmann::ordered_json{
        {"pipeline", definition.name}, {"table", plan.table}, {"location", plan.table_root}, {"days", documents}});
  } else {
    write_out(pipeline::to_text(days));
  }
  constexpr int kGaps = 1;
  return invocation.own<PlanFlags>().fail_on_gaps && std::any_of(days.begin(), days.end(), is_gap) ? kGaps : 0;
}

Command this_command() {
  return {
      .name = "plan",
      .rank = 12,
      .summary = "Show which days are published, missing, stale or refused",
      .description =
          "Compares the days of a range with the curated table, the raw files, the pipeline's own files and its inputs, and says what `backfill` would do with each. "
          "No data is read and nothing is changed.",
      .examples = {"movies-etl plan 2021-01-01..2021-12-31", "movies-etl plan today-7..yesterday --fail-on-gaps",
                   "movies-etl plan 2021-01-01..2021-01-31 --pipeline movie_ratings --output json"},
      .flags = joined(days_argument(), pipeline_flag(), settings_flags(),
                      Flag{
                          .name = "--fail-on-gaps",
                          .help = "Ends with exit code 1 unless every day is published, or being run.",
                          .store = turns_on(&PlanFlags::fail_on_gaps),
                      },
                      output_flag()),
      .run = plan_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
