// movies-etl restore
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "app/run_request.h"
#include "app/sensitive_columns.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/failing_rows.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "pipeline/restore.h"
#include "quality/report/render.h"

namespace metl::cli {
namespace {

struct RestoreFlags {
  std::optional<uint64_t> version;
  std::optional<Date> day;
  std::optional<uint64_t> to_version;
  bool show_rows = false;
};

using Json = nlohmann::ordered_json;

// Throws unless it is one of the two forms.
uint64_t version_of(const RestoreFlags& flags) {
  if (flags.version && !flags.day && !flags.to_version) return *flags.version;
  if (!flags.version && flags.day && flags.to_version) return *flags.to_version;
  throw Error(Cause::kUsage, "what is to be restored is not clear",
              "Give --version N for the whole table, or --day D --to-version N for one day.");
}

const char* status_of(const pipeline::RestoreReport& report) {
  if (!report.changes()) return "unchanged";
  if (!report.passed()) return "checks_failed";
  return report.version ? "restored" : "dry_run";
}

Json json_of(const pipeline::RestoreReport& report, uint64_t version) {
  Json checks = Json::object();
  for (const auto& [day, result] : report.checks) checks[day.empty() ? "table" : day] = quality::to_json(result);
  Json out{{"status", status_of(report)},
           {"run_id", report.run_id},
           {"restored_version", version},
           {"from_version", report.from},
           {"files_restored", report.files_restored},
           {"files_removed", report.files_removed},
           {"bytes_restored", report.bytes_restored},
           {"checks", checks}};
  out["version"] = report.version ? Json(*report.version) : Json();
  return out;
}

void print_text(const pipeline::RestoreReport& report, uint64_t version) {
  for (const auto& [day, result] : report.checks) {
    print("checks{}:\n{}", day.empty() ? "" : " of " + day,
          quality::render_text(result, ::isatty(STDOUT_FILENO) != 0 && stderr_has_colour()));
  }
  if (!report.changes()) {
    print("nothing to restore: it is as it was at version {}\n", version);
    return;
  }
  const std::string files = fmt::format("{} files ({}) come back, {} go", report.files_restored,
                                        text::human_bytes(report.bytes_restored), report.files_removed);
  if (!report.passed()) {
    print("CHECKS FAILED, nothing restored: {}\n", files);
  } else if (report.version) {
    print("restored version {} as version {}: {}\n", version, *report.version, files);
  } else {
    print("dry run, nothing restored: {}\n", files);
  }
}

int restore_command(const Invocation& invocation) {
  const auto& flags = invocation.own<RestoreFlags>();
  const uint64_t version = version_of(flags);
  const config::Settings settings = load_settings(invocation);
  const auto catalog = app::open_catalog(settings);
  const auto definition = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline);
  const Date today = Date::of(std::chrono::system_clock::now());
  pipeline::RestoreRequest request{.run = app::run_request(settings, definition, *catalog, flags.day.value_or(today)),
                                   .version = version,
                                   .day = flags.day};
  request.run.table_root = app::table_root(settings, request.run);
  request.run.dry_run = invocation.dry_run;
  const app::TimeLimit limit(invocation.timeout);
  app::ChosenEngine chosen(&settings, app::locations(settings, request.run));
  app::require_known_sensitive_columns(settings, catalog.get());
  pipeline::RestoreReport report = pipeline::restore(chosen.get(), request);
  if (!flags.show_rows) {
    for (auto& checks : report.checks) hide_rows(checks.second);
  }
  if (invocation.output_json) {
    print_document(json_of(report, version));
  } else {
    print_text(report, version);
  }
  return static_cast<int>(report.passed() ? ExitCode::kDone : ExitCode::kCheckFailed);
}

Command this_command() {
  return {
      .name = "restore",
      .rank = 47,
      .summary = "Make an older version of the table, or of one day, the newest again",
      .description =
          "Brings back the rows of an older version in one commit, after the pipeline's checks have passed on what would be live. "
          "When a check fails, or a file of that version is gone, nothing is changed.",
      .examples = {"movies-etl restore --version 12 --dry-run", "movies-etl restore --day 2021-01-01 --to-version 3"},
      .flags = joined(
          Flag{
              .name = "--version",
              .value = "N",
              .help = "The whole table as it was at this version.",
              .store = into(&RestoreFlags::version, number_from<uint64_t>(0)),
          },
          Flag{
              .name = "--day",
              .value = "DAY",
              .help = "Only the partition of this day, as it was at --to-version.",
              .store = into(&RestoreFlags::day, parse_day),
          },
          Flag{
              .name = "--to-version",
              .value = "N",
              .help = "The version for --day.",
              .store = into(&RestoreFlags::to_version, number_from<uint64_t>(0)),
          },
          pipeline_flag(), settings_flags(), engine_flags(), dry_run_flag(), show_rows_flag(&RestoreFlags::show_rows),
          output_flag()),
      .run = restore_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
