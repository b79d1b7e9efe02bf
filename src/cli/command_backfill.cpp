// movies-etl backfill
#include "base/text.h"
#include "cli/backfill.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"

namespace metl::cli {
namespace {

struct BackfillFlags {
  std::set<pipeline::Need> only;
  size_t jobs = 1;
  bool keep_going = false;
  bool evolve = false;
};

std::set<pipeline::Need> needs(const std::string& text) {
  std::set<pipeline::Need> out;
  for (const auto& name : text::split(text, ',')) {
    const auto need = name == "missing"   ? pipeline::Need::kMissing
                      : name == "stale"   ? pipeline::Need::kStale
                      : name == "refused" ? pipeline::Need::kRefused
                                          : pipeline::Need::kNothing;
    if (need == pipeline::Need::kNothing) {
      throw Error(Cause::kUsage, fmt::format("'{}' is not one of missing, stale, refused", name),
                  "Several are separated by commas.");
    }
    out.insert(need);
  }
  return out;
}

int backfill_command(const Invocation& invocation) {
  const auto& own = invocation.own<BackfillFlags>();
  return backfill(invocation, {.days = invocation.days,
                               .only = own.only,
                               .jobs = own.jobs,
                               .keep_going = own.keep_going,
                               .adjust = [&own](pipeline::RunRequest& request) { request.evolve = own.evolve; }});
}

Command this_command() {
  constexpr size_t kMostJobs = 64;
  return {
      .name = "backfill",
      .rank = 14,
      .summary = "Run the days of a range that need it",
      .description =
          "Runs what `plan` shows to be missing, stale (raw files, pipeline or inputs changed since) or refused, several days at once with --jobs; together they use no more memory and threads than one run may. "
          "After the first day that does not end well no other is begun, unless --keep-going. "
          "The last lines say what is done and the command that goes on; the exit code is the worst of the days'.",
      .examples = {"movies-etl backfill 2021-01-01..2021-12-31 --jobs 2 --keep-going",
                   "movies-etl backfill 2021-01-01..2021-12-31 --only stale --dry-run",
                   "movies-etl backfill today-30..yesterday --output json"},
      .flags = joined(
          days_argument(), pipeline_flag(), settings_flags(), engine_flags(), dry_run_flag(),
          Flag{
              .name = "--only",
              .value = "KINDS",
              .help =
                  "Which days, of missing, stale and refused, separated by commas; a day whose run failed is missing or stale.",
              .store = into(&BackfillFlags::only, needs),
              .default_text = "missing,stale,refused",
          },
          Flag{
              .name = "--jobs",
              .value = "N",
              .help = "How many days are run at once; they share the memory limit and the threads.",
              .store = into(&BackfillFlags::jobs, number_from<size_t>(1, kMostJobs)),
              .default_text = "1",
          },
          Flag{
              .name = "--keep-going",
              .help = "Goes on with the other days after one that did not end well.",
              .store = turns_on(&BackfillFlags::keep_going),
          },
          Flag{
              .name = "--evolve",
              .help = "Adds new nullable columns to the table instead of refusing a changed schema.",
              .store = turns_on(&BackfillFlags::evolve),
          },
          output_flag(), progress_flag()),
      .run = backfill_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
