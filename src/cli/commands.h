// The table of commands, and what they share. Each command has a file of its own, command_<name>.cpp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/invocation.h"

namespace metl::cli {

struct Command {
  std::string_view name;         // "run", "config show"
  std::string_view summary;      // one line, without a full stop
  std::string_view description;  // a paragraph
  std::vector<std::string_view> examples;
  int (*run)(const Invocation&);  // returns the exit code; throws Error
  bool only_prints = false;       // what it prints is all that it does: unwritten, it has failed
};

const std::vector<Command>& all_commands();

// What an exit code says, for help and manual.
const std::vector<std::pair<ExitCode, std::string_view>>& exit_codes();

std::string_view version();  // "0.1.0"

int run_command(const Invocation& invocation);
int check_command(const Invocation& invocation);
int clean_staged_command(const Invocation& invocation);
int config_show_command(const Invocation& invocation);
int config_check_command(const Invocation& invocation);
int tables_command(const Invocation& invocation);
int generate_command(const Invocation& invocation);
int completions_command(const Invocation& invocation);
int manual_command(const Invocation& invocation);

// The settings that an invocation's flags and the process's environment give. Throws Error{kConfiguration}.
config::Settings load_settings(const Invocation& invocation);

// Whether standard error may be coloured: a terminal, and neither NO_COLOR nor TERM=dumb.
bool stderr_has_colour();

// Whether a progress bar is drawn on standard error: wanted, and that is a terminal other than TERM=dumb.
bool shows_progress(const Invocation& invocation);

// Does what the invocation asks for and returns its exit code. Throws Error.
int execute(const Invocation& invocation);

// Tells the user what ended the program - on standard error, with --output json on standard output too - and returns
// the exit code, which is settled from then on (base/stop.h).
int report(const Error& error, const Invocation& invocation);

}  // namespace metl::cli
