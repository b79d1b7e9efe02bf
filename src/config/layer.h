// One source of settings - a section of a YAML file, the variables, the flags - as a list of changes to what stood
// before.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/typed_value.h"

namespace metl::config {

struct Override {
  std::string key;
  std::string text;  // typed by parse_toml_text
  std::string flag;  // "--set", "--memory-limit": for messages
};

struct Change {
  std::string key;                  // of a setting; of a group when there is no value
  std::optional<TypedValue> value;  // none: everything below `key` is forgotten
  std::string origin;               // "app_config.yaml:5:17", "variable DYNACONF_DATA__RAW__LOCATION", "flag --set"
  bool secret = false;
};

using Layer = std::vector<Change>;

// A file of sections.
struct SectionFile {
  std::string path;
  std::map<std::string, Layer> sections;  // by lower-case name; `default` and `global` among them
};

// Reads and checks every section of a file, so that a slip in `live` shows in development already. All values of a
// `secret` file are secret. Throws Error{kConfig} with file:line:column.
SectionFile read_sections(const std::string& path, bool secret);

// The DYNACONF_* variables. Names that end in _FOR_DYNACONF control Dynaconf itself and are no settings.
Layer read_variables(const std::map<std::string, std::string>& variables);

Layer read_overrides(const std::vector<Override>& overrides);

}  // namespace metl::config
