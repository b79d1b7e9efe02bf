// Who is told of runs' outcomes, as the settings `observe.*` say: a webhook, Slack, Teams, a mailbox.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "config/settings.h"

namespace metl::observe {

struct Message {
  std::string subject;  // one line
  std::string text;
  const nlohmann::ordered_json& event;
};

struct Observer {
  std::string name;                          // "slack"
  std::function<void(const Message&)> tell;  // throws Error
  // What `config check` says of it; sends nothing. Throws Error.
  std::function<std::string()> look;
};

// Those that are set up. Their addresses and passwords are masked from now on.
std::vector<Observer> observers_of(const config::Settings& settings);

// Which outcomes they are told of. Throws Error{kConfiguration} for a word that is none.
std::vector<std::string> told_outcomes(const config::Settings& settings);

// What they are told, with fields in braces. Throws Error{kConfiguration} when it names what is no field.
std::string template_of(const config::Settings& settings);

}  // namespace metl::observe
