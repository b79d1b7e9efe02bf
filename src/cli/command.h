// Commands and their flags, from which parsing, help, shell completions and the manual come. Each command registers
// itself in its own file, command_<name>.cpp: nothing else names it, so that a new command is a new file.
//
// Rejected: declaring flags to CLI11 where each command lives, because then help, completions and the manual drift
// apart; and one table of all commands, which every new command and every new flag had to change.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/invocation.h"

namespace metl::cli {

// What a shell offers for a value; a flag with choices offers those.
enum class Completes { kNothing, kFile, kFolder };

// Takes the value of a flag into the invocation (flag_values.h makes such functions). Throws Error{kUsage}.
using Store = std::function<void(Invocation& invocation, const std::string& text)>;

struct Flag {
  std::string_view name = {};   // "--env"; an argument by position has no dashes: "SHELL"
  std::string_view value = {};  // the name of its value in help; empty: a switch
  std::string_view help = {};   // whole sentences
  Store store = {};             // called once for each use, and first with `default_text` if that is not empty
  std::string_view default_text = {};
  std::vector<std::string_view> choices = {};
  std::string_view short_name = {};  // "c" for -c
  bool required = false;
  bool repeatable = false;
  Completes completes = Completes::kNothing;

  bool is_switch() const { return value.empty(); }
  bool is_positional() const { return !name.starts_with('-'); }
};

struct Command {
  std::string_view name = {};         // "run", "config show"
  int rank = 0;                       // its place in help, before those of a higher rank
  std::string_view summary = {};      // one line, without a full stop
  std::string_view description = {};  // a paragraph
  std::vector<std::string_view> examples = {};
  std::vector<Flag> flags = {};                  // those that every command has are added on registration
  int (*run)(const Invocation& call) = nullptr;  // returns the exit code; throws Error
  bool only_prints = false;                      // what it prints is all that it does: unwritten, it has failed
};

// Makes a command one of the program's for as long as it lives: in a command's file from before main begins, in
// whatever order the linker chose. That cannot fail; the command itself is made when it is first asked for. One thread
// at a time.
class Registered {
 public:
  explicit Registered(Command (*make)()) noexcept;
  ~Registered();
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;

 private:
  friend std::vector<const Command*> all_commands();
  const Command& command() const;

  Command (*make_)();
  mutable std::optional<Command> command_ = {};  // once it was asked for
  mutable const Registered* next_;               // a list that needs no memory
};

// By rank.
std::vector<const Command*> all_commands();

// Of the program itself, without a command.
const std::vector<Flag>& program_flags();

}  // namespace metl::cli
