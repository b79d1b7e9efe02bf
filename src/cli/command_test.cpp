// movies-etl test
#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/embedded_engine.h"
#include "app/interrupt.h"
#include "app/places.h"
#include "app/sensitive_columns.h"
#include "app/spill_folder.h"
#include "base/json.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "pipeline/tests/day_fixture.h"
#include "pipeline/tests/shown.h"
#include "pipeline/tests/suite.h"

namespace metl::cli {
namespace {

namespace fs = std::filesystem;
namespace tests = pipeline::tests;

struct TestFlags {
  std::vector<std::string> pipelines;
  std::string format;
  bool update = false;
  std::optional<Date> from_day;
  int64_t rows = 0;
};

// Those that are named, each with tests; without names those that have some.
std::vector<pipeline::Definition> pipelines_with_tests(const config::Settings& settings,
                                                       const std::vector<std::string>& named) {
  const std::string folder = settings.path("pipelines.location");
  std::vector<std::string> names = named.empty() ? pipeline::pipeline_names(folder) : named;
  std::vector<pipeline::Definition> out;
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name) continue;  // named twice
    auto definition = pipeline::load_definition(folder, *name);
    if (!tests::test_files(definition).empty()) {
      out.push_back(std::move(definition));
    } else if (!named.empty()) {
      throw Error(Cause::kConfiguration,
                  fmt::format("pipeline '{}' has no tests: {}/tests holds no .yaml file", *name,
                              fs::path(definition.file).parent_path().string()),
                  "docs/testing.md shows how one is written.");
    }
  }
  if (out.empty()) {
    throw Error(Cause::kConfiguration, fmt::format("no pipeline of {} has tests", folder),
                "Put them into the folder `tests` of a pipeline, or correct pipelines.location.");
  }
  return out;
}

// Absolute, for a server that works in another folder.
std::string place_of(const app::SpillFolder& folder) {
  if (folder.path().empty())
    throw Error(Cause::kConfiguration, "the rows of the tests have no place", "Set engine.temp_directory.");
  return fs::absolute(folder.path()).lexically_normal();
}

std::string shown(const std::vector<tests::Result>& results, const std::string& format, ExitCode code) {
  if (format == "junit") return tests::to_junit(results);
  if (format == "json") return on_many_lines(tests::to_json(results, static_cast<int>(code))) + "\n";
  return tests::to_text(results);
}

// Runs them, those of one pipeline after the other.
std::vector<tests::Result> run_all(const config::Settings& settings, const std::vector<pipeline::Definition>& pipelines,
                                   const std::vector<std::vector<tests::LoadedTest>>& loaded, app::ChosenEngine& chosen,
                                   const std::string& folder, bool update) {
  std::vector<tests::Result> out;
  for (size_t i = 0; i < pipelines.size(); ++i) {
    const tests::Bench bench{.pipeline = pipelines[i],
                             .table = app::target_table(settings, pipelines[i]),
                             .environment = settings.environment(),
                             .engine = chosen.get(),
                             .local = chosen.embedded(),
                             .folder = folder};
    for (const auto& test : loaded[i]) {
      stop::check();
      out.push_back(tests::run_test(bench, test, update));
    }
  }
  return out;
}

// --from-day: makes a test of the one pipeline that is named, and runs it with --update.
std::vector<tests::Result> test_of_day(const config::Settings& settings, const TestFlags& flags) {
  if (flags.pipelines.size() != 1) {
    throw Error(Cause::kUsage, "--from-day makes a test of one pipeline",
                "For example: movies-etl test movie_ratings --from-day 2021-01-01 --rows 20");
  }
  const auto definition = pipeline::load_definition(settings.path("pipelines.location"), flags.pipelines.front());
  const std::string raw = app::raw_location(settings, definition);
  app::ChosenEngine chosen(&settings, {{app::raw_location_name(settings, definition), raw}});
  const app::SpillFolder folder(settings.path("engine.temp_directory"));
  const std::string place = place_of(folder);
  const auto sensitive = app::sensitive_columns(settings);
  app::require_known_sensitive_columns(settings, app::open_catalog(settings).get());
  if (sensitive.empty())
    log::warning(
        "checks.sensitive_columns lists no column: the rows are written as they are, whatever they tell of people");
  const std::string file = tests::write_day_test(chosen.embedded(), definition,
                                                 {.day = *flags.from_day,
                                                  .rows = flags.rows,
                                                  .raw_location = raw,
                                                  .sensitive_columns = sensitive,
                                                  .folder = place});
  return run_all(settings, {definition}, {tests::load_test_file(chosen.embedded(), definition, file, true)}, chosen,
                 place, true);
}

std::vector<tests::Result> tests_of_files(const config::Settings& settings, const TestFlags& flags) {
  const auto pipelines = pipelines_with_tests(settings, flags.pipelines);
  app::ChosenEngine chosen(&settings, {});
  const auto loaded = tests::load_tests(chosen.embedded(), pipelines, flags.update);
  const app::SpillFolder folder(settings.path("engine.temp_directory"));
  return run_all(settings, pipelines, loaded, chosen, place_of(folder), flags.update);
}

int test_command(const Invocation& invocation) {
  const auto& flags = invocation.own<TestFlags>();
  // What a run tells while it works says nothing new of rows that a test gave.
  if (invocation.log_level == log::Level::kInfo)
    log::configure(log::Level::kWarning, invocation.log_format, stderr_has_colour());
  const config::Settings settings = load_settings(invocation);
  const app::TimeLimit limit(invocation.timeout);
  const auto results = flags.from_day ? test_of_day(settings, flags) : tests_of_files(settings, flags);
  const ExitCode code = tests::all_passed(results) ? ExitCode::kDone : ExitCode::kCheckFailed;
  write_out(shown(results, flags.format, code));
  return static_cast<int>(code);
}

Command this_command() {
  return {
      .name = "test",
      .rank = 25,
      .summary = "Run the tests of pipelines, without a table and without raw files",
      .description =
          "Reads pipelines/NAME/tests/*.yaml. Each test gives rows to the pipeline and says what is to come of them: rows, counts, an error, outcomes of checks. "
          "The rows take the way of a run, in a temporary folder of which nothing is left. "
          "Exit codes: 0 all passed, 2 a test failed, 78 a test file is wrong.",
      .examples = {"movies-etl test", "movies-etl test movie_ratings --format junit",
                   "movies-etl test movie_ratings --update",
                   "movies-etl test movie_ratings --from-day 2021-01-01 --rows 20"},
      .flags = joined(
          Flag{
              .name = "PIPELINE",
              .value = "PIPELINE",
              .help = "A pipeline whose tests are run; without any, those of each that has some.",
              .store = appended_to(&TestFlags::pipelines, [](const std::string& text) { return text; }),
              .repeatable = true,
          },
          settings_flags(), engine_flags(),
          Flag{
              .name = "--format",
              .value = "FORMAT",
              .help = "Form of the result: for people, for CI, or one JSON document.",
              .store =
                  [](Invocation& out, const std::string& text) {
                    out.own<TestFlags>().format = text;
                    out.output_json = text == "json";
                  },
              .default_text = "text",
              .choices = {"text", "junit", "json"},
          },
          Flag{
              .name = "--update",
              .help =
                  "Writes what came out into the files of expected rows (.ndjson) that do not hold it, and shows what to paste in place of rows in a test.",
              .store = turns_on(&TestFlags::update),
          },
          Flag{
              .name = "--from-day",
              .value = "DAY",
              .help = "Makes a test of real rows of this raw day; the values of checks.sensitive_columns are masked.",
              .store = into(&TestFlags::from_day, parse_day),
          },
          Flag{
              .name = "--rows",
              .value = "N",
              .help = "With --from-day: how many rows.",
              .store = into(&TestFlags::rows, number_from<int64_t>(1, 1000)),
              .default_text = "20",
          }),
      .run = test_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
