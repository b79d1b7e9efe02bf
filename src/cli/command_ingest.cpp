// movies-etl ingest
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/feed.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"

namespace metl::cli {
namespace {

constexpr std::chrono::seconds kToWriteWhatWasRead{60};

struct Until {
  bool given = false;
  std::optional<Date> day;  // none: now
};

struct IngestOptions {
  Until until;
  bool follow = false;
  int64_t max_rate = 0;
  bool skip_lost = false;
};

Until parse_until(const std::string& text) {
  if (text == "now") return {.given = true, .day = std::nullopt};
  return {.given = true, .day = parse_day(text)};
}

void print_json(const feed::IngestReport& report, ExitCode code) {
  nlohmann::ordered_json partitions = nlohmann::ordered_json::array();
  for (const auto& [partition, place] : report.partitions) {
    partitions.push_back(
        {{"topic", partition.topic}, {"partition", partition.number}, {"next", place.next}, {"end", place.end}});
  }
  const nlohmann::ordered_json document{{"exit_code", static_cast<int>(code)},
                                        {"events", report.events},
                                        {"rejected", report.rejected},
                                        {"files", report.files},
                                        {"partitions", partitions}};
  print_document(document);
}

void print_text(const feed::IngestReport& report) {
  print("{} events in {} files, {} rejected\n", text::human_count(report.events), text::human_count(report.files),
        text::human_count(report.rejected));
  for (const auto& [partition, place] : report.partitions)
    print("  {}: read up to offset {} of {}\n", kafka::to_text(partition), place.next, std::max(place.next, place.end));
}

// What goes wrong while the rest is written is told too: the program ends as interrupted.
feed::IngestReport ingested(const config::Settings& settings, const pipeline::Definition& pipeline,
                            const app::IngestFlags& flags) {
  try {
    return app::ingest(settings, pipeline, flags, [](const feed::IngestReport& now) {
      log::info("{} events in {} files so far, {} rejected", now.events, now.files, now.rejected);
    });
  } catch (const Error& e) {
    if (stop::requested()) log::error("what was read was not written: {}", e.in_full());
    throw;
  }
}

int ingest_command(const Invocation& invocation) {
  const auto& options = invocation.own<IngestOptions>();
  if (options.follow && options.until.given)
    throw Error(Cause::kUsage, "--follow has no end, so there is no --until beside it");
  const config::Settings settings = load_settings(invocation);
  const auto pipeline = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline);
  // What was read is written before it ends.
  const stop::Listener told(
      [] { log::warning("{}: writing what was read (one more signal ends it at once)", stop::reason().message()); },
      kToWriteWhatWasRead);
  const auto report = ingested(settings, pipeline,
                               {.follow = options.follow,
                                .until = options.until.day,
                                .max_rate = options.max_rate,
                                .skip_lost = options.skip_lost});
  const bool is_early = report.stopped && !options.follow;
  const ExitCode code = is_early ? stop::reason().code() : ExitCode::kDone;
  stop::settle(code);
  if (invocation.output_json) {
    print_json(report, code);
  } else {
    print_text(report);
  }
  return static_cast<int>(code);
}

Command this_command() {
  return {
      .name = "ingest",
      .rank = 67,
      .summary = "Fill the raw location from Kafka",
      .description =
          "Reads the topics of the pipeline's feed and writes their events as Parquet files of their days, each event once, whatever was "
          "killed when. Without --until and --follow it ends with the events that there are when it begins.",
      .examples = {"movies-etl ingest --pipeline orders", "movies-etl ingest --pipeline orders --until 2021-01-01",
                   "movies-etl ingest --pipeline orders --follow --max-rate 50000"},
      .flags = joined(
          pipeline_flag(),
          Flag{
              .name = "--until",
              .value = "now|DAY",
              .help =
                  "Ends with the events that there are now, as it does without this too, or with the last that the brokers got on a day.",
              .store = into(&IngestOptions::until, parse_until),
          },
          Flag{
              .name = "--follow",
              .help = "Goes on until a signal asks it to end; what it has read is written then.",
              .store = turns_on(&IngestOptions::follow),
          },
          Flag{
              .name = "--max-rate",
              .value = "N",
              .help = "Reads so many events a second at most.",
              .store = into(&IngestOptions::max_rate, number_from<int64_t>(1)),
          },
          Flag{
              .name = "--skip-lost",
              .help = "Goes on without the events that a topic no longer has, instead of ending with an error.",
              .store = turns_on(&IngestOptions::skip_lost),
          },
          settings_flags(), output_flag()),
      .run = ingest_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
