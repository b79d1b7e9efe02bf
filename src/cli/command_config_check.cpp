// movies-etl config check
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "app/places.h"
#include "app/storage.h"
#include "base/location.h"
#include "base/stop.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "pipeline/definition.h"
#include "storage/store.h"

namespace metl::cli {
namespace {

namespace fs = std::filesystem;

struct Finding {
  std::string what;  // a setting, or what it leads to
  std::string says;  // what was found there
  std::optional<Error> error;
};

// `look` gives what was found, or throws.
template <typename Look>
Finding finding(std::string what, const Look& look) {
  stop::check();
  Finding out{std::move(what), "", std::nullopt};
  try {
    out.says = look();
  } catch (const Error& e) {
    if (e.code() == ExitCode::kInterrupted) throw;
    out.error = e;
  }
  return out;
}

std::string raw_days(const std::string& location) {
  if (!is_remote(location) && !fs::is_directory(location)) {
    throw Error(ExitCode::kConfig, fmt::format("{} is no folder", location),
                "Correct data.raw.location, or source.location in pipeline.yaml.");
  }
  return fmt::format("{}: {} folders", location, storage::list_folders(location).size());
}

// Nothing is written: of a folder that is not there the nearest one that is must be writable.
std::string warehouse(const std::string& location) {
  if (is_remote(location)) return fmt::format("{}: {} folders", location, storage::list_folders(location).size());
  fs::path present = location;
  while (!fs::exists(present)) present = present.parent_path();
  if (!fs::is_directory(present) || ::access(present.c_str(), W_OK | X_OK) != 0) {
    throw Error(ExitCode::kConfig,
                fmt::format("{} cannot be written: {} is no folder of this user", location, present.string()),
                "Give the user of this program the right to write there, or correct data.curated.location.");
  }
  return present == location ? location : fmt::format("{}: the first run makes it", location);
}

std::vector<Finding> findings_of(const config::Settings& settings, const Invocation& invocation) {
  std::vector<Finding> out{
      {"settings", fmt::format("environment {} of {}", settings.environment(), settings.file()), {}}};
  std::optional<pipeline::Definition> definition;
  out.push_back(finding("pipeline " + invocation.pipeline, [&] {
    definition = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline);
    return definition->file;
  }));
  const std::string raw = definition ? app::raw_location(settings, *definition) : settings.path("data.raw.location");
  const std::string curated = settings.path("data.curated.location");
  std::optional<app::ChosenEngine> engine;  // opens the stores too, so it comes first
  Finding computing = finding("engine " + settings.get_string("engine.name"), [&] {
    engine.emplace(&settings,
                   std::map<std::string, std::string>{{"data.raw.location", raw}, {"data.curated.location", curated}});
    return engine->get().description();
  });
  out.push_back(finding("data.raw.location", [&] { return raw_days(raw); }));
  out.push_back(finding("data.curated.location", [&] { return warehouse(curated); }));
  out.push_back(finding("catalog " + settings.get_string("catalog.kind"),
                        [&] { return fmt::format("{} tables", app::open_catalog(settings)->tables().size()); }));
  out.push_back(std::move(computing));
  return out;
}

void print_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& [what, says, error] : findings) {
    nlohmann::ordered_json one{{"what", what}, {"ok", !error}};
    if (error) {
      one["error"] = error->message();
      one["hint"] = error->hint();
    } else {
      one["found"] = says;
    }
    all.push_back(one);
  }
  print("{}\n",
        nlohmann::ordered_json{{"findings", all}}.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_text(const std::vector<Finding>& findings) {
  for (const auto& [what, says, error] : findings) {
    print("{:<7} {:<22} {}\n", error ? "failed" : "ok", what, error ? error->message() : says);
    if (error && !error->hint().empty()) print("{:<7} {:<22} {}\n", "", "hint:", error->hint());
  }
}

}  // namespace

int config_check_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  const app::TimeLimit limit(invocation.timeout);
  const std::vector<Finding> findings = findings_of(settings, invocation);
  invocation.output_json ? print_json(findings) : print_text(findings);
  for (const auto& one : findings) {
    if (one.error) return static_cast<int>(one.error->code());
  }
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace metl::cli
