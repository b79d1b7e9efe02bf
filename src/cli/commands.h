// What the commands share, and what carries one out.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/command.h"
#include "cli/invocation.h"

namespace metl::cli {

// What an exit code says, for help and manual.
const std::vector<std::pair<ExitCode, std::string_view>>& exit_codes();

std::string_view version();  // "0.1.0"

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
