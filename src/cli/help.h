// Help texts, from what the commands registered.
#pragma once

#include <string>

#include "cli/command.h"

namespace metl::cli {

std::string program_help();
std::string command_help(const Command& command);

// "movies-etl run --execution-date DAY|FIRST..LAST [flags]"
std::string usage(const Command& command);

// "-c, --config-file-path FILE"
std::string flag_heading(const Flag& flag);

// The flag's help with its choices and default.
std::string flag_help(const Flag& flag);

}  // namespace metl::cli
