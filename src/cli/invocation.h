// What the user asked for, parsed and checked.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "config/settings.h"
#include "sample/generate.h"

namespace metl::cli {

struct Command;

// The values of all flags, defaults filled in by the flags' own table (flags.cpp). A command reads those it has.
struct Invocation {
  const Command* command = nullptr;  // null: only --help or --version
  bool help = false;
  bool version = false;

  // run, check, tables, config show
  std::string config_file;
  std::string environment;  // empty: as ENV_FOR_DYNACONF says
  std::vector<config::Override> overrides;
  bool output_json = false;

  // run, check
  std::vector<Date> days;  // ascending; run: at least one; check: at most one
  std::string pipeline;
  std::chrono::seconds timeout{};  // 0 for none

  // run
  bool evolve = false;
  bool take_over = false;

  // run, clean-staged
  bool dry_run = false;

  // clean-staged
  std::chrono::seconds older_than{};

  // run, generate
  bool progress = true;  // wanted; shown only on a terminal

  // check
  std::vector<std::string> paths;  // checks files and folders of them
  std::map<std::string, std::string> variables;
  std::vector<std::pair<std::string, std::string>> datasets;  // name, path
  std::string scan_results_file;
  std::string check_format;
  std::string history_file;  // "": beside the curated table
  bool swapped_exit_codes = false;
  bool list = false;
  bool explain = false;
  bool compat = false;
  bool allow_empty = false;

  bool show_origin = false;          // config show
  sample::GenerateRequest generate;  // generate
  std::string shell;                 // completions
  std::string manual_format;         // manual

  log::Format log_format = log::Format::kText;
  log::Level log_level = log::Level::kInfo;
};

}  // namespace metl::cli
