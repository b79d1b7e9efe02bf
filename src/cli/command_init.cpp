// movies-etl init
#include <algorithm>
#include <filesystem>

#include "app/embedded_engine.h"
#include "base/glob.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "pipeline/definition.h"
#include "pipeline/scaffold/write.h"

namespace metl::cli {
namespace {

namespace fs = std::filesystem;

struct InitFlags {
  std::string name;
  std::string from;
};

std::string pipeline_name(const std::string& text) {
  if (text::table_name_parts("default." + text)) return text;
  throw Error(Cause::kUsage, fmt::format("'{}' cannot be the name of a pipeline and its table", text),
              "Use letters, digits and '_'.");
}

// The files that a pattern names, ordered; those in it where it names a folder.
std::vector<std::string> files_of(const std::string& pattern) {
  std::vector<std::string> out = files::matching(fs::is_directory(pattern) ? pattern + "/*" : pattern);
  out.erase(std::remove_if(out.begin(), out.end(),
                           [](const std::string& path) {
                             return !fs::is_regular_file(path) || fs::path(path).filename().string().starts_with('_');
                           }),
            out.end());
  if (out.empty())
    throw Error(Cause::kUsage, fmt::format("--from '{}' names no file", pattern),
                "Name the files of one raw day, in quotes.");
  for (auto& path : out) path = fs::absolute(path).lexically_normal().string();
  return out;
}

int init_command(const Invocation& invocation) {
  const auto& flags = invocation.own<InitFlags>();
  const config::Settings settings = load_settings(invocation);
  const auto paths = files_of(flags.from);
  const std::string day_folder = fs::path(paths.front()).parent_path();
  for (const auto& path : paths) {
    if (fs::path(path).parent_path() == day_folder) continue;
    throw Error(Cause::kUsage, fmt::format("--from names files of several folders: {} and {}", paths.front(), path),
                "Name the files of one raw day.");
  }
  const auto place = pipeline::scaffold::day_place_of(day_folder);
  if (!place) {
    throw Error(
        Cause::kUsage, fmt::format("no day is in the name of the folder {}", day_folder),
        "Name the files of one day's folder, such as 'raw/2021/01/31/*.parquet' or 'raw/day=2021-01-31/*.csv'.");
  }
  app::EmbeddedEngine engine(&settings, {});
  const stop::Listener stopping([&engine] { engine.get().interrupt(); });
  const auto survey = pipeline::scaffold::survey_files(engine.get(), paths);
  const std::string folder = settings.path("pipelines.location");
  pipeline::scaffold::write_pipeline(folder, flags.name, survey, *place);
  pipeline::load_definition(folder, flags.name);
  print("made {}/{} of {} files, {} rows, {} columns{}\n\n", folder, flags.name, paths.size(), survey.rows,
        survey.contents.columns.size(),
        survey.key.empty() ? "; no key was found, so nothing is dropped as a duplicate"
                           : fmt::format("; the key is a guess: {}", fmt::join(survey.key, ", ")));
  print(
      "Next:\n  movies-etl validate {0}\n  movies-etl test {0}\n  movies-etl run --pipeline {0} --execution-date {1}\n",
      flags.name, place->day.iso());
  return static_cast<int>(ExitCode::kDone);
}

Command this_command() {
  return {
      .name = "init",
      .rank = 5,
      .summary = "Make a new pipeline out of the files of one raw day",
      .description =
          "Writes a folder with pipeline.yaml, transform.sql, checks.yaml and a test: the columns and types of the files, a key that tells their rows apart, and checks that hold for them. "
          "What is guessed says so; read it before you trust it. "
          "Takes Parquet, CSV and JSON lines; the files are local.",
      .examples = {"movies-etl init orders --from 'raw/orders/2021/01/31/*.parquet'",
                   "movies-etl init trips --from raw/trips/day=2021-01-31"},
      .flags = joined(
          Flag{
              .name = "NAME",
              .value = "NAME",
              .help = "Of the new pipeline and of its table in the database `default`.",
              .store = into(&InitFlags::name, pipeline_name),
              .required = true,
          },
          Flag{
              .name = "--from",
              .value = "FILES",
              .help = "The files of one raw day: their folder, or a pattern in quotes.",
              .store = into(&InitFlags::from),
              .required = true,
              .completes = Completes::kFolder,
          },
          settings_flags()),
      .run = init_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
