#include "cli/commands.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/environment.h"
#include "base/log_event.h"
#include "base/secrets.h"
#include "base/stop.h"
#include "base/unicode.h"
#include "cli/help.h"
#include "cli/output.h"

namespace metl::cli {
namespace {

// Of the process; empty where it is not set.
std::string variable(const char* name) {
  const auto variables = process_variables();
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

// One that can move its cursor.
bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb"; }

}  // namespace

const std::vector<std::pair<ExitCode, std::string_view>>& exit_codes() {
  static const std::vector<std::pair<ExitCode, std::string_view>> kCodes{
      {ExitCode::kDone, "done, perhaps with warnings"},
      {ExitCode::kCheckFailed, "a check failed: nothing is published, or with gate: after_publish the day is"},
      {ExitCode::kRunFailed, "the run failed, or took longer than --timeout"},
      {ExitCode::kUsage, "wrong usage"},
      {ExitCode::kInputMissing, "the day has not landed"},
      {ExitCode::kConflict, "another writer won: try again"},
      {ExitCode::kConfig, "configuration, pipeline or checks file wrong"},
      {ExitCode::kInterrupted, "interrupted (SIGINT, SIGTERM or SIGHUP)"},
  };
  return kCodes;
}

std::string_view version() { return METL_VERSION; }

config::Settings load_settings(const Invocation& invocation) {
  return config::load({.file = invocation.config_file,
                       .environment = invocation.environment,
                       .variables = process_variables(),
                       .overrides = invocation.overrides});
}

bool shows_progress(const Invocation& invocation) { return invocation.progress && stderr_is_terminal(); }

bool stderr_has_colour() { return stderr_is_terminal() && variable("NO_COLOR").empty(); }

int execute(const Invocation& invocation) {
  log::configure(invocation.log_level, invocation.log_format, stderr_has_colour());
  if (!invocation.days_meant.empty()) log::info("{}", invocation.days_meant);
  int code = 0;
  bool only_prints = true;
  if (invocation.help) {
    write_out(invocation.command == nullptr ? program_help() : command_help(*invocation.command));
  } else if (invocation.version) {
    print("movies-etl {}\n", version());
  } else {
    try {
      code = invocation.command->run(invocation);
    } catch (const std::exception&) {
      stop::check();  // after a request to stop whatever fails fails because of it
      throw;
    }
    only_prints = invocation.command->only_prints;
  }
  // A full disk or a closed pipe shows only here: without this a cut result would look like success.
  if (const std::string reason = finish_output(); !reason.empty()) {
    if (only_prints) throw Error(Cause::kOutput, "cannot write to standard output: " + reason);
    log::warning("cannot write to standard output: {}; the exit code tells how it ended", reason);
  }
  return code;
}

int report(const Error& error, const Invocation& invocation) {
  stop::settle(error.code());
  const int code = static_cast<int>(error.code());
  if (invocation.log_format == log::Format::kJson) {
    if (invocation.closes_log) {
      log::configure(invocation.log_level, log::Format::kJson, false);
      log::event(log::Level::kError, error.message(),
                 {{"event", "outcome"},
                  {"status", "failed"},
                  {"exit_code", code},
                  {"cause", name_of(error.cause())},
                  {"hint", error.what_to_do()}});
    }
  } else {
    const bool colour = stderr_has_colour();
    const auto line = [colour](const char* start, const char* title, const std::string& text) {
      write_error(fmt::format("{}{}:{} {}\n", colour ? start : "", title, colour ? "\033[0m" : "",
                              text::printable_lines(secrets::masked(text))));
    };
    line("\033[1;31m", "error", error.message());
    if (!error.what_to_do().empty()) line("\033[1;36m", "hint", std::string(error.what_to_do()));
  }
  if (invocation.output_json) {
    const nlohmann::ordered_json document{{"status", "failed"},
                                          {"exit_code", code},
                                          {"cause", name_of(error.cause())},
                                          {"error", error.message()},
                                          {"hint", error.hint()}};
    print_document(document);
    finish_output();
  }
  return code;
}

}  // namespace metl::cli
