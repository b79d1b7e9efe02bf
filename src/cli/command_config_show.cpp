// movies-etl config show
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"

namespace metl::cli {
namespace {

struct ConfigShowFlags {
  bool origin = false;
};

void print_json(const config::Settings& settings) {
  nlohmann::ordered_json values = nlohmann::ordered_json::object();
  for (const auto& entry : settings.entries()) values[entry.key] = {{"value", entry.value}, {"origin", entry.origin}};
  const nlohmann::ordered_json document{
      {"environment", settings.environment()}, {"config_file", settings.file()}, {"settings", values}};
  print_document(document);
}

void print_text(const config::Settings& settings, bool with_origin) {
  auto entries = settings.entries();
  size_t key_width = 0;
  size_t value_width = 0;
  for (auto& entry : entries) {
    if (entry.value.empty()) entry.value = "\"\"";
    key_width = std::max(key_width, entry.key.size());
    value_width = std::max(value_width, entry.value.size());
  }
  print("# environment {} of {}\n", settings.environment(), settings.file());
  for (const auto& [key, value, origin] : entries) {
    if (with_origin) {
      print("{:<{}}  {:<{}}  {}\n", key, key_width, value, value_width, origin);
    } else {
      print("{:<{}}  {}\n", key, key_width, value);
    }
  }
}

int config_show_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  if (invocation.output_json) {
    print_json(settings);
  } else {
    print_text(settings, invocation.own<ConfigShowFlags>().origin);
  }
  return static_cast<int>(ExitCode::kDone);
}

Command this_command() {
  return {
      .name = "config show",
      .rank = 50,
      .summary = "Print every effective setting",
      .description =
          "Prints the settings that a run with the same flags and variables would use. "
          "Secrets are shown as ***.",
      .examples = {"movies-etl config show --origin", "movies-etl config show --env live --output json"},
      .flags = joined(settings_flags(),
                      Flag{
                          .name = "--origin",
                          .help = "Also shows where each value comes from.",
                          .store = turns_on(&ConfigShowFlags::origin),
                      },
                      output_flag()),
      .run = config_show_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
