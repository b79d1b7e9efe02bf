// Every flag and argument: the one table from which parsing, help, shell completions and the manual come.
//
// Rejected: declaring flags to CLI11 where each command lives, because then help, completions and the manual drift
// apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/invocation.h"

namespace metl::cli {

// What a shell offers for a value; a flag with choices offers those.
enum class Completes { kNothing, kFile, kFolder };

struct Flag {
  std::string_view name;      // "--env"; an argument by position has no dashes: "SHELL"
  std::string_view argument;  // name of its value in help; empty: a switch
  std::string_view help;
  std::vector<std::string_view> commands;  // names; "" is the program itself

  // Takes the value; called once for each use, and first with `default_text` if that is not empty. Throws
  // Error{kUsage}.
  void (*store)(Invocation& invocation, const std::string& text) = nullptr;

  std::string_view default_text = {};
  std::vector<std::string_view> choices = {};
  std::string_view short_name = {};  // "c" for -c
  bool required = false;
  bool repeatable = false;
  Completes completes = Completes::kNothing;

  bool is_switch() const { return argument.empty(); }
  bool is_positional() const { return !name.starts_with('-'); }
};

const std::vector<Flag>& all_flags();

// Those of a command, in the table's order; of the program itself for "".
std::vector<const Flag*> flags_of(std::string_view command);

}  // namespace metl::cli
