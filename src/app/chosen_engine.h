// The engine that the settings choose, which a request to stop (base/stop.h) interrupts as long as it lives. Footers
// are read by the embedded one in any case.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/embedded_engine.h"
#include "base/stop.h"

namespace metl::app {

class ChosenEngine {
 public:
  // Without settings: the embedded one, as `overrides` want it; `shares` as EmbeddedEngine has it. Opens the stores of
  // `locations` as EmbeddedEngine does. Throws Error{kConfiguration} for an engine that this build has not, what the
  // connection to a server throws, and stop::reason() when there was a request already.
  ChosenEngine(const config::Settings* settings, const std::map<std::string, std::string>& locations,
               const std::vector<config::Override>& overrides = {}, int shares = 1);
  engine::Engine& get();
  engine::DuckdbEngine& embedded() { return embedded_.get(); }  // also beside a server

 private:
  stop::Listener told_;
  EmbeddedEngine embedded_;
  std::unique_ptr<engine::Engine> spark_;  // null: the embedded one
  std::optional<stop::Listener> stopping_;
};

}  // namespace metl::app
