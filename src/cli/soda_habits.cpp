#include "cli/soda_habits.h"

#include <array>

#include "base/text.h"

namespace metl::cli {
namespace {

struct Habit {
  std::string_view command;
  std::string_view word;
  std::string_view hint;
};

constexpr std::string_view kDatasets =
    "There are no data sources here: name each table, as in `movies-etl check checks.yml --dataset ratings=path/to/ratings`, or leave them to the warehouse of app_config.yaml.";
constexpr std::string_view kScan =
    "Soda's `soda scan -d SOURCE -c configuration.yml checks.yml` is `movies-etl check checks.yml --dataset NAME=PATH` here.";
constexpr std::string_view kDefinition =
    "A scan has no definition here: the history of checks is one file, which --history names.";
constexpr std::string_view kVerbose = "Say --log-level debug, with --format soda for the queries as Soda prints them.";
constexpr std::string_view kTime = "Say --execution-date DAY: the day that the data is about.";
constexpr std::string_view kTemplates = "There are no check templates here: write the checks out.";
constexpr std::string_view kCloud = "Nothing is sent to Soda Cloud from here: -srf FILE keeps the results.";

constexpr std::array<Habit, 18> kHabits{{
    {"", "scan", kScan},
    {"", "soda", kScan},
    {"", "test-connection",
     "`movies-etl check --list checks.yml` reads the checks, --explain also what they are about."},
    {"", "update-dro", "A distribution reference that Soda made works here; movies-etl makes none itself."},
    {"", "ingest", kCloud},
    {"check", "-d", kDatasets},
    {"check", "--data-source", kDatasets},
    {"check", "-s", kDefinition},
    {"check", "--scan-definition", kDefinition},
    {"check", "-V", kVerbose},
    {"check", "--verbose", kVerbose},
    {"check", "-t", kTime},
    {"check", "--data-timestamp", kTime},
    {"check", "--scan-timestamp", kTime},
    {"check", "-T", kTemplates},
    {"check", "--templates", kTemplates},
    {"check", "-l", kCloud},
    {"check", "--local", kCloud},
}};

}  // namespace

std::string soda_habit(std::string_view command, std::string_view word) {
  for (const auto& habit : kHabits) {
    if (habit.command == command && habit.word == word) return std::string(habit.hint);
  }
  return "";
}

bool is_soda_configuration(const std::string& text) {
  for (const auto& line : text::split(text, '\n')) {
    if (line.starts_with("data_source ") || line.starts_with("soda_cloud:")) return true;
  }
  return false;
}

}  // namespace metl::cli
