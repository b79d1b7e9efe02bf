// movies-etl check
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "app/places.h"
#include "app/sensitive_columns.h"
#include "base/files.h"
#include "base/location.h"
#include "base/log.h"
#include "base/secrets.h"
#include "cli/commands.h"
#include "cli/failing_rows.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/soda_habits.h"
#include "pipeline/audit.h"
#include "pipeline/definition.h"
#include "pipeline/run.h"
#include "quality/history/file_history.h"
#include "quality/report/render.h"
#include "quality/report/soda.h"
#include "storage/store.h"

namespace metl::cli {
namespace {

struct CheckFlags {
  std::vector<std::string> paths;  // checks files and folders of them
  std::map<std::string, std::string> variables;
  std::vector<std::pair<std::string, std::string>> datasets;  // name, path
  std::string scan_results_file;
  std::string format;
  std::string history_file;  // "": beside the curated table
  bool swapped_exit_codes = false;
  bool list = false;
  bool explain = false;
  bool compat = false;
  bool allow_empty = false;
  bool show_rows = false;
};

namespace fs = std::filesystem;

// In Soda Core's forms of a result, whose readers look for them.
constexpr const char* kDefinition = "Soda Core CLI";
constexpr const char* kSodaVersion = "Soda Core 3.5.6";

// Checks on --dataset alone need no configuration, so its absence is an error only for who asked for it.
std::optional<config::Settings> settings_of(const Invocation& invocation) {
  const bool needed =
      invocation.own<CheckFlags>().paths.empty() || !invocation.environment.empty() ||
      !std::all_of(invocation.overrides.begin(), invocation.overrides.end(), app::is_of_the_embedded_engine);
  if (!needed && invocation.config_file == "app_config.yaml" && !fs::exists(invocation.config_file))
    return std::nullopt;
  try {
    return load_settings(invocation);
  } catch (const Error&) {
    if (!is_soda_configuration(files::read(invocation.config_file).value_or(""))) throw;
    throw Error(Cause::kConfiguration,
                fmt::format("{} is a configuration of Soda, not one of movies-etl", invocation.config_file),
                "Leave it out and name each table: --dataset NAME=PATH. Its data sources are not known here.");
  }
}

bool is_checks_file(const fs::path& path) { return path.extension() == ".yml" || path.extension() == ".yaml"; }

// The files that are named, and those in the folders that are named, in the order of their names; without any, the
// pipeline's.
std::vector<std::string> checks_files(const Invocation& invocation,
                                      const std::optional<pipeline::Definition>& definition) {
  if (definition) return {definition->checks_file};
  std::vector<std::string> out;
  for (const auto& path : invocation.own<CheckFlags>().paths) {
    if (fs::is_directory(path)) {
      const auto first = static_cast<std::ptrdiff_t>(out.size());
      for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (entry.is_regular_file() && is_checks_file(entry.path())) out.push_back(entry.path().string());
      }
      std::sort(out.begin() + first, out.end());
    } else if (fs::exists(path)) {
      out.push_back(path);
    } else {
      throw Error(Cause::kConfiguration, fmt::format("there is no checks file or folder '{}'", path),
                  "Correct the path. Without one, the checks of the pipeline are run.");
    }
  }
  return out;
}

std::string render(const quality::ScanResult& result, const quality::SodaScan& scan, const Invocation& invocation) {
  const std::string& format = invocation.own<CheckFlags>().format;
  if (format == "json") return quality::to_json(result).dump(2) + "\n";
  if (format == "soda") return quality::render_soda(result, scan, invocation.log_level == log::Level::kDebug);
  if (format == "junit") return quality::render_junit(result);
  if (format == "github") return quality::render_github(result);
  if (format == "markdown") return quality::render_markdown(result);
  return quality::render_text(result, ::isatty(STDOUT_FILENO) != 0 && stderr_has_colour());
}

// Prints what checks there are, or their SQL, and says by the exit code whether all of it could be understood.
int show(const quality::Explanation& explanation) {
  write_out(quality::render_text(explanation));
  return explanation.errors.empty() ? 0 : 3;
}

// "" where there is none: without a warehouse and without --history.
std::string history_of(const CheckFlags& flags, const std::string& warehouse) {
  if (!flags.history_file.empty()) return flags.history_file;
  return warehouse.empty() ? "" : pipeline::history_file(warehouse);
}

int exit_code(const quality::ScanResult& result, bool swapped) {
  const int code = result.soda_exit_code();
  return swapped && (code == 1 || code == 2) ? 3 - code : code;
}

int check_command(const Invocation& invocation) {
  const auto& flags = invocation.own<CheckFlags>();
  if (!flags.history_file.empty()) require_known_location("--history", flags.history_file);
  const auto settings = settings_of(invocation);
  const config::Settings* given = settings ? &*settings : nullptr;
  pipeline::AuditRequest request;
  std::optional<pipeline::Definition> definition;
  if (flags.paths.empty())
    definition = pipeline::load_definition(settings->path("pipelines.location"), invocation.pipeline);
  request.scan.files = checks_files(invocation, definition);
  if (flags.list) return show(quality::list_checks(request.scan.files));
  request.scan.now = std::chrono::system_clock::now();
  request.scan.compat = flags.compat;
  request.scan.allow_empty = flags.allow_empty;
  std::string warehouse;
  std::map<std::string, std::string> locations;
  std::unique_ptr<table::Catalog> catalog;
  if (settings) {
    const std::string table =
        definition ? app::target_table(*settings, *definition) : settings->get_string("data.curated.table");
    warehouse = settings->path("data.curated.location");
    catalog = app::open_catalog(*settings);
    request.catalog = catalog.get();
    locations = {{"data.curated.location", warehouse}, {"the location of " + table, catalog->location_of(table)}};
    request.folders = catalog->folders();
    request.scan.variables["table"] = table;
    request.scan.sensitive_columns = app::sensitive_columns(*settings);
    request.record_mode = app::record_mode(*settings);
    request.samples_folder = pipeline::samples_folder(warehouse + "/_checks", pipeline::new_run_id(request.scan.now));
  }
  if (!invocation.days.empty()) {
    request.scan.variables["run_date"] = invocation.days.front().iso();
    request.scan.data_time = invocation.days.front().start();
  }
  for (const auto& [name, value] : flags.variables) request.scan.variables[name] = value;

  const app::TimeLimit limit(invocation.timeout);
  for (const auto& [name, path] : flags.datasets) locations.emplace("--dataset " + name, path);
  app::ChosenEngine chosen(given, locations, invocation.overrides);
  engine::Engine& engine = chosen.get();
  for (const auto& [name, path] : flags.datasets) {
    request.datasets.push_back(pipeline::dataset_at(engine, name, path));
  }
  if (settings) {
    std::vector<Schema> given;
    for (const auto& dataset : request.datasets) given.push_back(dataset.columns);
    app::require_known_sensitive_columns(*settings, catalog.get(), given);
  }
  if (flags.explain) return show(pipeline::explain(engine, request));
  std::optional<quality::FileHistory> history;
  if (const std::string file = history_of(flags, warehouse); !file.empty()) {
    history.emplace(storage::text_file(file, request.record_mode));
    request.scan.earlier = [&](const std::string& key, quality::DataTime before) {
      return history->earlier(key, before);
    };
  }
  quality::ScanResult result = pipeline::audit(engine, request);
  if (!flags.show_rows) hide_rows(result);
  const quality::SodaScan scan{
      .definition_name = kDefinition,
      .data_source = quality::kDataSource,
      .version = kSodaVersion,
      .data_time = request.scan.data_time.value_or(request.scan.now),
      .started = request.scan.now,
      .ended = std::chrono::system_clock::now(),
  };
  write_out(render(result, scan, invocation));
  if (!flags.scan_results_file.empty())
    files::write(fs::absolute(flags.scan_results_file),
                 secrets::masked(quality::to_soda_json(result, scan).dump(2)) + "\n");
  if (history && !result.records.empty()) history->add(result.records);
  return exit_code(result, flags.swapped_exit_codes);
}

Command this_command() {
  return {
      .name = "check",
      .rank = 20,
      .summary = "Run SodaCL checks on any Parquet or Delta dataset",
      .description =
          "Reads checks files of Soda Core 3 and tells what passes, warns and fails. "
          "Datasets are the tables of the curated warehouse, and what --dataset names. "
          "Exit codes: 0 all passed, 1 warnings, 2 failures, 3 errors (--exit-codes v4 swaps 1 and 2).",
      .examples =
          {"movies-etl check --execution-date 2021-01-01",
           "movies-etl check checks/ --dataset ratings='export/*.parquet' -v run_date=2021-01-01 --format junit"},
      .flags = joined(
          pipeline_flag(), settings_flags(), engine_flags(),
          Flag{
              .name = "PATH",
              .value = "PATH",
              .help = "A checks file, or a folder of them at any depth (*.yml, *.yaml); without any, the pipeline's.",
              .store = appended_to(&CheckFlags::paths, [](const std::string& text) { return text; }),
              .repeatable = true,
              .completes = Completes::kFile,
          },
          Flag{
              .name = "--execution-date",
              .value = "DAY",
              .help =
                  "The day that the data is of, as YYYY-MM-DD: the variable run_date, and the day in the history of measurements.",
              .store =
                  into(&Invocation::days, [](const std::string& text) { return std::vector<Date>{parse_day(text)}; }),
          },
          Flag{
              .name = "--variable",
              .value = "NAME=VALUE",
              .help = "A variable of the checks. May be given again.",
              .store =
                  [](Invocation& out, const std::string& text) {
                    const auto [name, value] = name_and_value(text);
                    out.own<CheckFlags>().variables.insert_or_assign(name, value);
                  },
              .short_name = "v",
              .repeatable = true,
          },
          Flag{
              .name = "--dataset",
              .value = "NAME=PATH",
              .help =
                  "A dataset: a Delta table's folder, a folder of Parquet files, a Parquet file or a quoted glob. May be given again.",
              .store = appended_to(&CheckFlags::datasets, name_and_value),
              .repeatable = true,
          },
          Flag{
              .name = "--format",
              .value = "FORMAT",
              .help = "Form of the result: for people, as Soda Core's console, or for CI.",
              .store =
                  [](Invocation& out, const std::string& text) {
                    out.own<CheckFlags>().format = text;
                    out.output_json = text == "json";
                  },
              .default_text = "text",
              .choices = {"text", "soda", "json", "junit", "github", "markdown"},
          },
          Flag{
              .name = "--scan-results-file",
              .value = "FILE",
              .help = "Also writes the result in the JSON form of Soda Core.",
              .store = into(&CheckFlags::scan_results_file),
              .short_name = "srf",
              .completes = Completes::kFile,
          },
          Flag{
              .name = "--exit-codes",
              .value = "VERSION",
              .help = "v3, as Soda Core 3: 1 warnings, 2 failures; v4: 1 failures, 2 warnings.",
              .store = into(&CheckFlags::swapped_exit_codes, [](const std::string& text) { return text == "v4"; }),
              .default_text = "v3",
              .choices = {"v3", "v4"},
          },
          Flag{
              .name = "--history",
              .value = "FILE",
              .help =
                  "Earlier measurements, for change over time and anomalies; <data.curated.location>/_checks/history.jsonl if not given.",
              .store = into(&CheckFlags::history_file),
              .completes = Completes::kFile,
          },
          Flag{
              .name = "--list",
              .help = "Shows the checks as they were understood, without data.",
              .store = turns_on(&CheckFlags::list),
          },
          Flag{
              .name = "--explain",
              .help = "Shows the SQL of each check without running it.",
              .store = turns_on(&CheckFlags::explain),
          },
          Flag{
              .name = "--compat",
              .help = "Passes in silence where Soda Core does (docs/checks.md lists where).",
              .store = turns_on(&CheckFlags::compat),
          },
          Flag{
              .name = "--allow-empty",
              .help = "No check at all is not an error.",
              .store = turns_on(&CheckFlags::allow_empty),
          },
          show_rows_flag(&CheckFlags::show_rows)),
      .run = check_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
