// movies-etl validate
#include "app/catalog.h"
#include "app/embedded_engine.h"
#include "base/stop.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/pipeline_trial.h"
#include "pipeline/tests/suite.h"

namespace metl::cli {
namespace {

struct ValidateFlags {
  std::vector<std::string> pipelines;
};

int validate_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  Findings found;
  PipelineTrial pipelines(settings, found);
  pipelines.load(invocation.own<ValidateFlags>().pipelines);
  const auto catalog = app::open_catalog(settings);
  // SQL is the same for every engine, and this one needs no server.
  app::EmbeddedEngine engine(&settings, {});
  const stop::Listener stopping([&engine] { engine.get().interrupt(); });
  pipelines.try_all(&engine.get(), catalog.get(), true,
                    {{"data.curated.location", settings.path("data.curated.location")}});
  for (const auto& definition : pipelines.loaded()) {
    found.add(definition.name + ": tests", [&] {
      const auto tests = pipeline::tests::load_tests(engine.get(), {definition}, /*update=*/false);
      return fmt::format("{} tests", tests.front().size());
    });
  }
  return found.told(invocation.output_json);
}

Command this_command() {
  return {
      .name = "validate",
      .rank = 15,
      .summary = "Find the mistakes in pipelines before there is data",
      .description =
          "Reads pipelines and says whether each of pipeline.yaml, transform, checks and tests is understood, whether they fit each other, their inputs and the table that there is. "
          "Reads no data and writes nothing. "
          "What the settings lead to besides is tried by `config check`.",
      .examples = {"movies-etl validate", "movies-etl validate movie_ratings --output json"},
      .flags = joined(
          Flag{
              .name = "PIPELINE",
              .value = "PIPELINE",
              .help = "Names of pipelines; none for each folder in pipelines.location that is one.",
              .store = appended_to(&ValidateFlags::pipelines, [](const std::string& text) { return text; }),
              .repeatable = true,
          },
          settings_flags(), output_flag()),
      .run = validate_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
