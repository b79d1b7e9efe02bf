// movies-etl config check
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "app/places.h"
#include "app/run_request.h"
#include "app/storage.h"
#include "base/environment.h"
#include "base/location.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/unicode.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "pipeline/agreement.h"
#include "pipeline/audit.h"
#include "pipeline/binding.h"
#include "pipeline/definition.h"
#include "pipeline/ownership.h"
#include "storage/store.h"
#include "table/table.h"

namespace metl::cli {
namespace {

namespace fs = std::filesystem;

enum class Outcome { kWorks, kFails, kNotTried };

struct Finding {
  std::string what;  // a setting, or what it leads to
  Outcome outcome = Outcome::kWorks;
  std::string says;  // what was found there, or why it was not tried
  std::optional<Error> error;
};

// Tries one thing after the other; none hides what follows.
class Findings {
 public:
  // `look` gives what was found, or throws. Whether it works.
  template <typename Look>
  bool add(std::string what, const Look& look) {
    stop::check();
    Finding out{std::move(what), Outcome::kWorks, "", std::nullopt};
    try {
      out.says = look();
    } catch (const Error& e) {
      if (e.cause() == Cause::kInterrupted || stop::requested()) throw;
      out.outcome = Outcome::kFails;
      out.error = e;
    }
    all_.push_back(std::move(out));
    return all_.back().outcome == Outcome::kWorks;
  }
  void leave_out(std::string what, std::string why) {
    all_.push_back({std::move(what), Outcome::kNotTried, std::move(why), std::nullopt});
  }

  const std::vector<Finding>& all() const { return all_; }

 private:
  std::vector<Finding> all_;
};

std::string raw_days(const std::string& name, const std::string& location) {
  if (!is_remote(location) && !fs::is_directory(location))
    throw Error(Cause::kConfiguration, fmt::format("{} is no folder", location), fmt::format("Correct {}.", name));
  return fmt::format("{}: {} folders", location, storage::list_folders(location).size());
}

// Nothing is written: of a folder that is not there the nearest one that is must be writable.
std::string warehouse(const std::string& location) {
  if (is_remote(location)) return fmt::format("{}: {} folders", location, storage::list_folders(location).size());
  fs::path present = location;
  while (!fs::exists(present)) present = present.parent_path();
  if (!fs::is_directory(present) || ::access(present.c_str(), W_OK | X_OK) != 0) {
    throw Error(Cause::kConfiguration,
                fmt::format("{} cannot be written: {} is no folder of this user", location, present.string()),
                "Give the user of this program the right to write there, or correct data.curated.location.");
  }
  return present == location ? location : fmt::format("{}: the first run makes it", location);
}

class Check {
 public:
  Check(const config::Settings& settings, const Invocation& invocation)
      : settings_(settings),
        invocation_(invocation),
        today_(Date::parse(iso_utc(std::chrono::system_clock::now()).substr(0, 10))) {}

  std::vector<Finding> run() {
    found_.add("settings",
               [&] { return fmt::format("environment {} of {}", settings_.environment(), settings_.file()); });
    load_pipelines();
    find_stores();
    find_catalog();
    find_engine();
    for (const auto& definition : definitions_) try_pipeline(definition);
    return found_.all();
  }

 private:
  void load_pipelines() {
    const std::string folder = settings_.path("pipelines.location");
    std::vector<std::string> names{invocation_.pipeline};
    if (invocation_.pipeline.empty()) names = pipeline::pipeline_names(folder);
    if (names.empty()) {
      found_.add("pipelines", [&]() -> std::string {
        throw Error(Cause::kConfiguration, fmt::format("no folder of {} holds a pipeline.yaml", folder),
                    "Correct pipelines.location.");
      });
    }
    for (const auto& name : names) {
      found_.add("pipeline " + name, [&] {
        definitions_.push_back(pipeline::load_definition(folder, name));
        return definitions_.back().file;
      });
    }
  }

  // Each store is opened for itself: one without an identity says nothing of the others.
  void find_stores() {
    std::map<std::string, std::string> raw;
    for (const auto& one : definitions_)
      raw[app::raw_location_name(settings_, one)] = app::raw_location(settings_, one);
    if (definitions_.empty()) raw["data.raw.location"] = settings_.path("data.raw.location");
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
    has_catalog_ = found_.add("catalog " + settings_.get_string("catalog.kind"), [&] {
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

  void try_pipeline(const pipeline::Definition& definition) {
    const std::string table = definition.name + ": table";
    const std::string transform = definition.name + ": transform";
    const std::string checks = definition.name + ": checks";
    if (!catalog_ || !works_) {
      const std::string why = fmt::format("not tried: the {} does not work", catalog_ ? "engine" : "catalog");
      for (const auto& what : {table, transform, checks}) found_.leave_out(what, why);
      return;
    }
    pipeline::RunRequest request = app::run_request(settings_, definition, *catalog_, today_);
    if (has_catalog_) {
      found_.add(table, [&] { return agreed_table(request); });
    } else {
      found_.leave_out(table, "not tried: the catalog does not work");
    }
    const std::string run_id = pipeline::new_run_id(std::chrono::system_clock::now());
    found_.add(transform, [&] {
      const pipeline::Inputs inputs(definition.inputs, *catalog_);
      pipeline::bound_transform(engine_->get(), request, inputs, run_id);
      return definition.transform_file;
    });
    found_.add(checks, [&] {
      pipeline::require_understood(engine_->get(), pipeline::gate_request(request, definition, run_id, {}));
      return definition.checks_file;
    });
  }

  std::string agreed_table(pipeline::RunRequest& request) {
    const std::string name = app::target_table_name(settings_, request.pipeline);
    request.table_root = app::table_root(settings_, request);
    const auto [other, is_first] = owners_.emplace(request.table_root, request.pipeline.name);
    if (!is_first) {
      throw Error(Cause::kConfiguration,
                  fmt::format("{}: {} is the table of pipeline '{}' too", name, request.table, other->second),
                  "One table has one pipeline. Give each its own: target.table in its pipeline.yaml.");
    }
    auto places = app::locations(settings_, request);
    places.erase(app::raw_location_name(settings_, request.pipeline));  // whether that opens was found out already
    locations_.merge(places);
    app::open_storage(&settings_, process_variables(), locations_);
    const auto table = table::Table::open(request.table_root);
    if (!table) {
      pipeline::require_creatable(request.table_root, request.pipeline);
      return fmt::format("{} at {}: the first run makes it", request.table, request.table_root);
    }
    pipeline::claim(*table, request.pipeline.name, false);
    pipeline::require_agreement(*table, request.pipeline, false);
    return fmt::format("{} at {}: version {}", request.table, request.table_root, table->version());
  }

  const config::Settings& settings_;
  const Invocation& invocation_;
  Date today_;  // what depends on the day is the same for each
  Findings found_;
  std::vector<pipeline::Definition> definitions_;  // those that could be read
  std::map<std::string, std::string> locations_;   // whose stores could be opened, by name
  std::map<std::string, std::string> owners_;      // the location of a table -> its pipeline
  std::unique_ptr<table::Catalog> catalog_;        // null for one that makes no sense
  bool has_catalog_ = false;                       // it answers
  std::optional<app::ChosenEngine> engine_;
  bool works_ = false;
};

void print_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& [what, outcome, says, error] : findings) {
    nlohmann::ordered_json one{{"what", what}, {"ok", outcome == Outcome::kWorks}};
    if (outcome == Outcome::kNotTried) one["tried"] = false;
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
  size_t width = 0;
  for (const auto& one : findings) width = std::max(width, one.what.size());
  const auto line = [width](std::string_view title, std::string_view what, const std::string& text) {
    // A fault for each line of a checks file: all of them stand below each other.
    const std::string indented =
        text::replace_all(text::printable_lines(text), "\n", fmt::format("\n{:<{}}", "", width + 9));
    print("{:<7} {:<{}} {}\n", title, what, width, indented);
  };
  for (const auto& [what, outcome, says, error] : findings) {
    const char* title = outcome == Outcome::kWorks ? "ok" : outcome == Outcome::kFails ? "failed" : "-";
    line(title, what, error ? error->message() : says);
    if (error && !error->hint().empty()) line("", "hint:", error->hint());
  }
}

int config_check_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  const app::TimeLimit limit(invocation.timeout);
  const std::vector<Finding> findings = Check(settings, invocation).run();
  invocation.output_json ? print_json(findings) : print_text(findings);
  for (const auto& one : findings) {
    if (one.error) return static_cast<int>(one.error->code());
  }
  return static_cast<int>(ExitCode::kDone);
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
