// What the user asked for, parsed and checked.
#pragma once

#include <string>
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

  // run, config show
  std::string config_file;
  std::string environment;  // empty: as ENV_FOR_DYNACONF says
  std::vector<config::Override> overrides;
  bool output_json = false;

  // run
  std::vector<Date> days;  // at least one, ascending
  std::string pipeline;
  bool dry_run = false;
  bool evolve = false;

  // run, generate
  bool progress = true;  // wanted; shown only on a terminal

  bool show_origin = false;          // config show
  sample::GenerateRequest generate;  // generate
  std::string shell;                 // completions
  std::string manual_format;         // manual

  log::Format log_format = log::Format::kText;
  log::Level log_level = log::Level::kInfo;
};

}  // namespace metl::cli
