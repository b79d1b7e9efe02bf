// movies-etl generate
#include <cstdio>

#include "app/embedded_engine.h"
#include "base/location.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "sample/generate.h"

namespace metl::cli {
namespace {

using sample::GenerateRequest;

int generate_command(const Invocation& invocation) {
  const auto& request = invocation.own<GenerateRequest>();
  require_known_location("--output", request.output);
  // The SELECTs stream.
  app::EmbeddedEngine embedded(nullptr, {},
                               {{.key = "engine.memory_limit", .text = "500MB", .flag = "--memory-limit"}});
  engine::Engine& engine = embedded.get();
  const stop::Listener listener([&engine] { engine.interrupt(); });
  Progress bar(shows_progress(invocation), stderr_has_colour());
  bar.step("generate");
  const auto days = sample::generate(request, engine, [&bar](const engine::Advance& now) { bar.update(now); });
  bar.finish();
  for (const auto& day : days) {
    print("{}: {} rows, {} of them duplicates, in {} files ({})\n", day.folder, text::human_count(day.rows),
          text::human_count(day.duplicates), day.files, text::human_bytes(day.bytes));
  }
  return static_cast<int>(ExitCode::kDone);
}

Command this_command() {
  return {
      .name = "generate",
      .rank = 70,
      .summary = "Make raw sample days",
      .description =
          "Makes deterministic, plausible days of movie ratings as Parquet files, with duplicates and, on request, faults that the checks find.",
      .examples =
          {"movies-etl generate --rows 10000 --days 2021-01-01..2021-01-02 --output data-lake-raw-dev/movie_ratings"},
      .flags = joined(
          Flag{
              .name = "--rows",
              .value = "N",
              .help = "Rows of each day, duplicates and faults included.",
              .store = into(&GenerateRequest::rows, number_from<int64_t>(1, 1'000'000'000)),
              .required = true,
          },
          Flag{
              .name = "--days",
              .value = "DAY|FIRST..LAST",
              .help = "The days to make, as YYYY-MM-DD.",
              .store = into(&GenerateRequest::days, parse_days),
              .required = true,
          },
          Flag{
              .name = "--seed",
              .value = "N",
              .help = "The same seed makes the same days.",
              .store = into(&GenerateRequest::seed, number_from<uint64_t>(0)),
              .default_text = "1",
          },
          Flag{
              .name = "--output",
              .value = "FOLDER",
              .help = "Where the days go, each to YYYY/MM/DD below it.",
              .store = into(&GenerateRequest::output),
              .required = true,
              .completes = Completes::kFolder,
          },
          Flag{
              .name = "--files",
              .value = "N",
              .help = "Files of each day; without it five, or more for a big day.",
              .store = into(&GenerateRequest::files, number_from(1, 100'000)),
          },
          Flag{
              .name = "--duplicates",
              .value = "PERCENT",
              .help = "Share of rows that repeat the movie and user of another row.",
              .store = into(&GenerateRequest::duplicate_percent, number_from<double>(0, 95)),
              .default_text = "5",
          },
          Flag{
              .name = "--with-bad-ratings",
              .value = "N",
              .help = "Rows whose rating is outside 0 to 5.",
              .store = into(&GenerateRequest::bad_ratings, number_from<int64_t>(0)),
              .default_text = "0",
          },
          Flag{
              .name = "--with-bad-languages",
              .value = "N",
              .help = "Rows whose language has not two letters.",
              .store = into(&GenerateRequest::bad_languages, number_from<int64_t>(0)),
              .default_text = "0",
          },
          Flag{
              .name = "--with-null-timestamps",
              .value = "N",
              .help = "Rows without a timestamp.",
              .store = into(&GenerateRequest::null_timestamps, number_from<int64_t>(0)),
              .default_text = "0",
          },
          Flag{
              .name = "--with-negative-budgets",
              .value = "N",
              .help = "Rows whose budget is below 0.",
              .store = into(&GenerateRequest::negative_budgets, number_from<int64_t>(0)),
              .default_text = "0",
          },
          progress_flag()),
      .run = generate_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
