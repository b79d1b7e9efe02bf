// What the user asked for, parsed and checked.
#pragma once

#include <any>
#include <chrono>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "config/settings.h"

namespace metl::cli {

struct Command;

// The values of the flags, their defaults filled in: here those that several commands take (flags.h), under own() those
// that one command's file declares for itself. A command reads those it has.
struct Invocation {
  const Command* command = nullptr;  // null: only --help or --version
  bool help = false;
  bool version = false;

  std::string config_file;
  std::string environment;  // empty: as ENV_FOR_DYNACONF says
  std::vector<config::Override> overrides;
  std::string pipeline;
  std::vector<Date> days;          // ascending; run: at least one; check: at most one
  std::string days_text;           // as they were given
  std::string days_meant;          // what a word such as `yesterday` was taken for; "" for none
  std::vector<std::string> words;  // the command line behind the program's name
  std::chrono::seconds timeout{};  // 0 for none
  bool dry_run = false;
  bool output_json = false;
  bool closes_log = true;  // whether an error that is told is the last line of the log (closing.h tells it else)
  bool progress = true;    // wanted; shown only on a terminal

  log::Format log_format = log::Format::kText;
  log::Level log_level = log::Level::kInfo;

  // What the command's own flags were given, in a struct of the command's file.
  template <typename Own>
  Own& own() {
    if (std::any_cast<Own>(&own_) == nullptr) own_.emplace<Own>();
    return *std::any_cast<Own>(&own_);
  }

  template <typename Own>
  const Own& own() const {
    static const Own kNoneGiven{};
    const Own* given = std::any_cast<Own>(&own_);
    return given == nullptr ? kNoneGiven : *given;
  }

 private:
  std::any own_;
};

}  // namespace metl::cli
