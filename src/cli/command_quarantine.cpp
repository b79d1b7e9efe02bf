// movies-etl quarantine list, quarantine show, quarantine replay
#include <nlohmann/json.hpp>
#include <optional>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "app/run_request.h"
#include "app/sensitive_columns.h"
#include "base/text.h"
#include "cli/closing.h"
#include "cli/commands.h"
#include "cli/failing_rows.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/shown_rows.h"
#include "cli/target.h"
#include "pipeline/audit.h"
#include "pipeline/look.h"
#include "pipeline/quarantine_replay.h"
#include "pipeline/quarantine_store.h"

namespace metl::cli {
namespace {

using Json = nlohmann::ordered_json;

struct QuarantineFlags {
  std::optional<Date> day;
  std::optional<int> hour;
  uint64_t rows = 0;
  bool show_sensitive = false;
  bool show_rows = false;
};

struct Opened {
  std::optional<table::Table> quarantine;
  std::vector<pipeline::SetAside> all;
};

Opened opened(const Target& target) {
  Opened out;
  out.quarantine = table::Table::open(pipeline::quarantine_root(target.root));
  if (out.quarantine) out.all = pipeline::all_set_aside(*out.quarantine, table::Table::open(target.root));
  return out;
}

std::string day_text(const pipeline::SetAside& one) {
  std::vector<std::string> parts;
  for (const auto& [column, value] : one.day) parts.push_back(fmt::format("{}={}", column, value));
  return fmt::format("{}", fmt::join(parts, " "));
}

int list_command(const Invocation& invocation) {
  const Target target = target_of(invocation);
  const Opened found = opened(target);
  if (invocation.output_json) {
    Json days = Json::array();
    for (const auto& one : found.all) {
      days.push_back({{"partition", one.day}, {"run_id", one.run_id}, {"rows", one.rows}, {"counts", one.in_force}});
    }
    print_document(
        Json{{"table", target.table}, {"location", pipeline::quarantine_root(target.root)}, {"quarantined", days}});
    return 0;
  }
  if (found.all.empty()) {
    print("no row of {} is in quarantine\n", target.table);
    return 0;
  }
  print("{:<28}  {:>9}  {:<24}  {}\n", "PARTITION", "ROWS", "RUN", "STATE");
  for (const auto& one : found.all) {
    print("{:<28}  {:>9}  {:<24}  {}\n", day_text(one), text::human_count(one.rows), one.run_id,
          one.in_force        ? "in quarantine"
          : one.is_superseded ? "left over: another run of the day counts, and the next run removes it"
                              : "does not count: its run did not publish the day");
  }
  return 0;
}

int show_command(const Invocation& invocation) {
  const Target target = target_of(invocation);
  const auto& flags = invocation.own<QuarantineFlags>();
  const app::TimeLimit limit(invocation.timeout);
  Opened found = opened(target);
  std::vector<table::File> files;
  for (auto& one : found.all) {
    const auto& column = target.pipeline.run_date_column;
    const auto value = column ? one.day.find(*column) : one.day.end();
    if (!one.in_force || value == one.day.end() || value->second != flags.day->iso()) continue;
    files.insert(files.end(), std::make_move_iterator(one.files.begin()), std::make_move_iterator(one.files.end()));
  }
  pipeline::Shown shown;
  if (!files.empty()) {
    app::ChosenEngine chosen(&target.settings, {{"the location of " + target.table, target.root}});
    const auto hidden = flags.show_sensitive ? std::vector<std::string>() : hidden_columns(target);
    shown = pipeline::look(chosen.get(), pipeline::dataset_of("quarantined", *found.quarantine, files), hidden, "",
                           flags.rows);
  }
  if (invocation.output_json) {
    print_document(Json{{"table", target.table},
                        {"rows", json_of(shown.rows)},
                        {"more_rows", shown.more},
                        {"hidden_columns", shown.hidden}});
    return 0;
  }
  if (files.empty()) {
    print("no row of {} is in quarantine for {}\n", target.table, flags.day->iso());
    return 0;
  }
  print_rows(shown.rows);
  print("\n{} rows in quarantine{}{}\n", shown.rows.rows.size(), shown.more ? ", and there are more" : "",
        shown.hidden.empty() ? "" : fmt::format("; hidden: {}", fmt::join(shown.hidden, ", ")));
  return 0;
}

std::string text_of(const pipeline::RunReport& report) {
  if (report.rows_read == 0) return "nothing to replay: no row of the day is in quarantine\n";
  const int64_t stay = report.quarantined.value_or(0), dropped = report.dropped_by_transform.value_or(0);
  const std::string rows =
      fmt::format("of {} rows {} are good by now, {} stay in quarantine, {} are dropped by the transform\n",
                  report.rows_read, report.rows_read - stay - dropped, stay, dropped);
  if (report.status == pipeline::Status::kKept) return "nothing replayed: " + rows;
  if (report.published) return fmt::format("replayed as version {}: {}", report.version.value_or(0), rows);
  return (report.status == pipeline::Status::kDryRun ? "dry run, nothing replayed: "
                                                     : "CHECKS FAILED, nothing replayed: ") +
         rows;
}

int replay(const Invocation& invocation, Closing& ended) {
  const auto& flags = invocation.own<QuarantineFlags>();
  const config::Settings settings = load_settings(invocation);
  const auto catalog = app::open_catalog(settings);
  const auto definition = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline);
  if (definition.source.by_hour != flags.hour.has_value()) {
    throw Error(Cause::kUsage,
                definition.source.by_hour
                    ? fmt::format("pipeline '{}' runs by the hour: --execution-hour is missing", definition.name)
                    : fmt::format("pipeline '{}' runs by the day, and knows no --execution-hour", definition.name));
  }
  pipeline::RunRequest request = app::run_request(settings, definition, *catalog, *flags.day);
  request.hour = flags.hour;
  request.table_root = app::table_root(settings, request);
  request.dry_run = invocation.dry_run;
  request.command =
      fmt::format("movies-etl quarantine replay {}{} --pipeline {} --config-file-path {} --env {}", flags.day->iso(),
                  flags.hour ? fmt::format(" --execution-hour {}", *flags.hour) : "", cli::quoted(invocation.pipeline),
                  cli::quoted(request.config_file), request.environment);
  const app::TimeLimit limit(invocation.timeout);
  app::ChosenEngine chosen(&settings, app::locations(settings, request));
  app::require_known_sensitive_columns(settings, catalog.get());
  pipeline::RunReport report =
      pipeline::replay_day(request, chosen.get(), {.step = [](const std::string&) {}, .progress = {}, .published = {}});
  if (report.checks && !flags.show_rows) hide_rows(*report.checks);
  ended.add(report);
  if (invocation.output_json) {
    print_document(pipeline::to_json(report));
  } else if (!report.error) {
    print("{}", text_of(report));
    if (report.checks && !pipeline::passes(*report.checks)) print("{}", pipeline::to_text(report, false));
  }
  if (!report.error) return static_cast<int>(report.exit_code());
  Invocation told = invocation;
  told.output_json = false;  // the document above says it already
  told.closes_log = false;
  return cli::report(*report.error, told);
}

int replay_command(const Invocation& invocation) {
  return closing(invocation, [&](Closing& ended) { return replay(invocation, ended); });
}

Flag day_argument() {
  return {
      .name = "DAY",
      .value = "DAY",
      .help = "The day whose rows are meant: YYYY-MM-DD, today, yesterday or today-N, which are days of UTC.",
      .store = into(&QuarantineFlags::day, parse_day),
      .required = true,
  };
}

Command list() {
  return {
      .name = "quarantine list",
      .rank = 34,
      .summary = "Tell which days have rows in quarantine",
      .description =
          "Lists the partitions of which checks with on_bad_rows set rows aside, how many, and the run that did it. "
          "What a run left over that was replaced or died is told too; it does not count.",
      .examples = {"movies-etl quarantine list --output json"},
      .flags = joined(pipeline_flag(), settings_flags(), output_flag()),
      .run = list_command,
      .only_prints = true,
  };
}

Command show() {
  return {
      .name = "quarantine show",
      .rank = 35,
      .summary = "Look at a day's rows in quarantine",
      .description =
          "Shows rows of a day as they came, with the checks that call them bad, the raw file and the run. "
          "Columns that checks.sensitive_columns lists are left out.",
      .examples = {"movies-etl quarantine show 2021-01-01 --rows 5"},
      .flags = joined(day_argument(), pipeline_flag(), settings_flags(), engine_flags(),
                      Flag{
                          .name = "--rows",
                          .value = "N",
                          .help = "So many rows at most.",
                          .store = into(&QuarantineFlags::rows, number_from<uint64_t>(1, 100000)),
                          .default_text = "20",
                      },
                      Flag{
                          .name = "--show-sensitive",
                          .help = "Shows the columns of checks.sensitive_columns too.",
                          .store = turns_on(&QuarantineFlags::show_sensitive),
                      },
                      output_flag()),
      .run = show_command,
      .only_prints = true,
  };
}

Command replay() {
  return {
      .name = "quarantine replay",
      .rank = 36,
      .summary = "Take a day's rows out of quarantine that are good by now",
      .description =
          "Reads the day's quarantined rows again through the present transform and checks. Those that are good join the day's rows in the table, in one commit and after its checks; the others stay. "
          "The raw files are not needed.",
      .examples = {"movies-etl quarantine replay 2021-01-01 --dry-run", "movies-etl quarantine replay 2021-01-01"},
      .flags = joined(day_argument(), pipeline_flag(), settings_flags(), engine_flags(), dry_run_flag(),
                      Flag{
                          .name = "--execution-hour",
                          .value = "HOUR",
                          .help = "The hour of the day, 0 to 23: of a pipeline whose source.path has {HH}.",
                          .store = into(&QuarantineFlags::hour, number_from(0, 23)),
                      },
                      show_rows_flag(&QuarantineFlags::show_rows), output_flag()),
      .run = replay_command,
  };
}

const Registered kList{list}, kShow{show}, kReplay{replay};

}  // namespace
}  // namespace metl::cli
