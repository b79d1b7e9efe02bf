// movies-etl config check
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "app/places.h"
#include "app/storage.h"
#include "base/environment.h"
#include "base/location.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/pipeline_trial.h"
#include "observe/metrics.h"
#include "observe/observers.h"
#include "observe/send.h"
#include "storage/store.h"

namespace metl::cli {
namespace {

namespace fs = std::filesystem;

std::string raw_days(const std::string& name, const std::string& location) {
  if (!is_remote(location) && !fs::is_directory(location))
    throw Error(Cause::kConfiguration, fmt::format("{} is not a folder", location), fmt::format("Correct {}.", name));
  return fmt::format("{}: {} folders", location, storage::list_folders(location).size());
}

// Nothing is written: of a folder that is not there the nearest one that is must be writable.
std::string warehouse(const std::string& location) {
  if (is_remote(location)) return fmt::format("{}: {} folders", location, storage::list_folders(location).size());
  fs::path present = location;
  while (!fs::exists(present)) present = present.parent_path();
  if (!fs::is_directory(present) || ::access(present.c_str(), W_OK | X_OK) != 0) {
    throw Error(Cause::kConfiguration,
                fmt::format("{} cannot be written: {} is not a folder of this user", location, present.string()),
                "Give the user of this program the right to write there, or correct data.curated.location.");
  }
  return present == location ? location : fmt::format("{}: the first run makes it", location);
}

class Check {
 public:
  Check(const config::Settings& settings, const Invocation& invocation)
      : settings_(settings), invocation_(invocation), pipelines_(settings, found_) {}

  const Findings& run() {
    found_.add("settings",
               [&] { return fmt::format("environment {} of {}", settings_.environment(), settings_.file()); });
    pipelines_.load(invocation_.pipeline.empty() ? std::vector<std::string>{} : std::vector{invocation_.pipeline});
    find_stores();
    find_catalog();
    find_engine();
    find_observers();
    pipelines_.try_all(works_ ? &engine_->get() : nullptr, catalog_.get(), catalog_answers_, locations_);
    return found_;
  }

 private:
  // Each store is opened for itself: one without an identity says nothing of the others.
  void find_stores() {
    std::map<std::string, std::string> raw;
    for (const auto& one : pipelines_.loaded())
      raw[app::raw_location_name(settings_, one)] = app::raw_location(settings_, one);
    if (pipelines_.loaded().empty()) raw["data.raw.location"] = settings_.path("data.raw.location");
    const auto opened = [this](const std::string& name, const std::string& location) {
      app::open_storage(&settings_, process_variables(), {{name, location}});
      locations_[name] = location;
    };
    for (const auto& [name, location] : raw) {
      found_.add(name, [&, &name = name, &location = location] {
        opened(name, location);
        return raw_days(name, location);
      });
    }
    const std::string curated = settings_.path("data.curated.location");
    found_.add("data.curated.location", [&] {
      opened("data.curated.location", curated);
      return warehouse(curated);
    });
  }

  void find_catalog() {
    catalog_answers_ = found_.add("catalog " + settings_.get_string("catalog.kind"), [&] {
      catalog_ = app::open_catalog(settings_);
      return fmt::format("{} tables", catalog_->tables().size());
    });
  }

  void find_engine() {
    found_.add("engine " + settings_.get_string("engine.name"), [&] {
      engine_.emplace(&settings_, locations_);
      std::string says = engine_->get().description();
      engine_->get().query("SELECT 1 AS one");
      works_ = true;
      return says;
    });
  }

  // Nothing is sent to them.
  void find_observers() {
    const auto observers = observe::observers_of(settings_);
    if (!observers.empty()) {
      found_.add("observe.notify", [&] {
        observe::template_of(settings_);
        return fmt::format("of {}", fmt::join(observe::told_outcomes(settings_), ", "));
      });
    }
    for (const auto& one : observers) found_.add("observe." + one.name, one.look);
    if (const std::string url = observe::push_url_of(settings_); !url.empty()) {
      found_.add("observe.prometheus.push_url", [&] {
        observe::require_url(url);
        return std::string("the address can be sent to; it was not");
      });
    }
  }

  const config::Settings& settings_;
  const Invocation& invocation_;
  Findings found_;
  PipelineTrial pipelines_;
  std::map<std::string, std::string> locations_;  // whose stores could be opened, by name
  std::unique_ptr<table::Catalog> catalog_;       // null for one that makes no sense
  bool catalog_answers_ = false;
  std::optional<app::ChosenEngine> engine_;
  bool works_ = false;
};

int config_check_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  const app::TimeLimit limit(invocation.timeout);
  return Check(settings, invocation).run().told(invocation.output_json);
}

Command this_command() {
  return {
      .name = "config check",
      .rank = 60,
      .summary = "Try what the settings lead to",
      .description =
          "Looks at the raw and the curated location, the catalog, the engine and every pipeline with its table, transform and checks, and says of each whether it works. "
          "Writes nothing. "
          "Ends with the exit code of the first that does not work.",
      .examples = {"movies-etl config check --env live",
                   "movies-etl config check --pipeline movie_ratings --output json"},
      .flags = joined(
          Flag{
              .name = "--pipeline",
              .value = "NAME",
              .help = "Only this pipeline; without it each folder in pipelines.location that is one.",
              .store = into(&Invocation::pipeline),
          },
          settings_flags(), engine_flags(), output_flag()),
      .run = config_check_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
