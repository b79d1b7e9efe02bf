#include "cli/command.h"

#include <algorithm>

#include "cli/flags.h"

namespace metl::cli {
namespace {

// There before any file is initialised, whose order nobody knows.
constinit const Registered* first = nullptr;

}  // namespace

Registered::Registered(Command (*make)()) noexcept : make_(make), next_(first) { first = this; }

Registered::~Registered() {
  const Registered** place = &first;
  while (*place != this) place = &(*place)->next_;
  *place = next_;
}

const Command& Registered::command() const {
  if (!command_) {
    command_ = make_();
    command_->flags = joined(std::move(command_->flags), log_flags(), help_flag());
  }
  return *command_;
}

std::vector<const Command*> all_commands() {
  std::vector<const Command*> out;
  for (const Registered* one = first; one != nullptr; one = one->next_) out.push_back(&one->command());
  std::sort(out.begin(), out.end(), [](const Command* a, const Command* b) { return a->rank < b->rank; });
  return out;
}

const std::vector<Flag>& program_flags() {
  static const std::vector<Flag> kFlags = joined(help_flag(), version_flag());
  return kFlags;
}

}  // namespace metl::cli
