// The flags that several commands share, each written once. A command lists those it takes among its own, in the order
// of its help: `.flags = joined(settings_flags(), Flag{...}, output_flag())`.
#pragma once

#include <iterator>
#include <utility>
#include <vector>

#include "cli/command.h"

namespace metl::cli {

std::vector<Flag> settings_flags();  // --config-file-path, --env, --set
std::vector<Flag> engine_flags();    // --engine and what it runs with, --timeout
std::vector<Flag> log_flags();       // --log-format, --log-level: of every command
Flag days_argument();
Flag pipeline_flag();
Flag dry_run_flag();
Flag output_flag();
Flag progress_flag();
Flag help_flag();  // of every command, and of the program
Flag version_flag();

inline void append(std::vector<Flag>& to, Flag flag) { to.push_back(std::move(flag)); }
inline void append(std::vector<Flag>& to, std::vector<Flag> flags) {
  to.insert(to.end(), std::make_move_iterator(flags.begin()), std::make_move_iterator(flags.end()));
}

// Flags and groups of flags, one after the other.
template <typename... Parts>
std::vector<Flag> joined(Parts&&... parts) {
  std::vector<Flag> out;
  (append(out, std::forward<Parts>(parts)), ...);
  return out;
}

}  // namespace metl::cli
