#include "cli/command.h"

#include <algorithm>

#include "cli/flags.h"

namespace metl::cli {
namespace {

// Made by whoever registers first: nothing is known about the order in which files are initialised.
std::vector<const Command*>& registry() {
  static std::vector<const Command*> commands;
  return commands;
}

}  // namespace

Registered::Registered(Command command) : command_(std::move(command)) {
  command_.flags = joined(std::move(command_.flags), log_flags(), help_flag());
  registry().push_back(&command_);
}

Registered::~Registered() { std::erase(registry(), &command_); }

std::vector<const Command*> all_commands() {
  std::vector<const Command*> out = registry();
  std::sort(out.begin(), out.end(), [](const Command* a, const Command* b) { return a->rank < b->rank; });
  return out;
}

const std::vector<Flag>& program_flags() {
  static const std::vector<Flag> kFlags = joined(help_flag(), version_flag());
  return kFlags;
}

}  // namespace metl::cli
