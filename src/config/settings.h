// The effective settings of one environment, each with the place it came from. Layers, from weak to strong:
//
//   defaults of the program < sections `default`, <environment>, `global` of app_config.yaml < of app_config.local.yaml
//   < of .secrets.yaml < variables DYNACONF_... < flags
//
// A relative path always starts at the folder of the config file, whichever layer it comes from, so that a job does the
// same from any working folder. Rejected: the working folder first and that one second, where a stray folder changes a
// run's input.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/layer.h"

namespace metl::config {

struct LoadRequest {
  std::string file = "app_config.yaml";
  std::string environment;                       // empty: ENV_FOR_DYNACONF, and without that `development`
  std::map<std::string, std::string> variables;  // the process's environment
  std::vector<Override> overrides;               // strongest last
  Only only = {};  // groups to which the rest does not matter: nothing else is set, but for defaults
};

struct Entry {
  std::string key;
  std::string value;   // for people: secrets as "***", locations resolved
  std::string origin;  // "app_config.yaml:5:17", "variable DYNACONF_X", "flag --set", "default"
};

class Settings {
 public:
  // Values as they are used, secrets in the clear. Throw Error{kConfiguration} when nothing sets `key`.
  std::string get_string(std::string_view key) const;
  std::string path(std::string_view key) const;            // absolute path or URL; empty where the key allows it
  std::string resolve(const std::string& location) const;  // as path() does with a setting's value
  int64_t bytes(std::string_view key) const;
  int64_t integer(std::string_view key) const;
  std::optional<std::chrono::seconds> duration(std::string_view key) const;  // none where it is empty
  std::string origin(std::string_view key) const;

  const std::string& environment() const { return environment_; }
  const std::string& file() const { return file_; }

  // Every setting, in the order of known_keys(). Safe to print.
  std::vector<Entry> entries() const;

 private:
  friend Settings load(const LoadRequest& request);
  struct Setting {
    nlohmann::json value;
    std::string origin;
    bool secret = false;
  };
  const Setting& at(std::string_view key) const;

  std::string file_;
  std::string folder_;  // absolute
  std::string environment_;
  std::map<std::string, Setting, std::less<>> settings_;  // has every known key
};

// Throws Error{kConfiguration} for a missing or wrong file, an unknown environment, key or type, and a setting that is
// required but found nowhere. Messages hold no secret.
Settings load(const LoadRequest& request);

}  // namespace metl::config
