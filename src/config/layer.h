// One source of settings - a section of a YAML file, the variables, the flags - as a list of changes to what stood
// before.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/typed_value.h"

namespace metl::config {

struct Override {
  std::string key;
  std::string text;  // typed by parse_toml_text
  std::string flag;  // "--set", "--memory-limit": for messages
};

struct Change {
  std::string key = {};                  // of a setting; of a group when there is no value
  std::optional<TypedValue> value = {};  // none: `key` and everything below it is forgotten, but for
  std::string origin = {};  // "app_config.yaml:5:17", "variable DYNACONF_DATA__RAW__LOCATION", "flag --set"
  bool secret = false;
  std::vector<std::string> keep = {};  // groups that say `dynaconf_merge: true` themselves
};

using Layer = std::vector<Change>;

// A file of sections.
struct SectionFile {
  std::string path;
  std::map<std::string, Layer> sections;  // by lower-case name; `default` and `global` among them
};

// Keys that are no settings, but that some template of the configuration names: {this.bucket}.
using Helpers = std::set<std::string, std::less<>>;

// Groups and keys that are all that is looked at, however wrong the rest is; none: everything.
using Only = std::vector<std::string>;

// Whether a key or group is looked at, or may have such ones below it.
bool is_asked_for(const Only& only, std::string_view name);

// Adds the keys that templates in a text name; "storage.s3.profile" also of {this[storage][s3][profile]}.
void add_helpers(Helpers& helpers, std::string_view text);

// Reads and checks every section of a file, so that a slip in `live` shows in development already. All values of a
// `secret` file are secret. Sections named x-... hold anchors only. Throws Error{kConfiguration} with file:line:column.
SectionFile read_sections(const std::string& path, bool secret, const Helpers& helpers, const Only& only = {});

// The DYNACONF_* variables. Names that end in _FOR_DYNACONF control Dynaconf itself and are no settings.
Layer read_variables(const std::map<std::string, std::string>& variables, const Helpers& helpers,
                     const Only& only = {});

Layer read_overrides(const std::vector<Override>& overrides, const Helpers& helpers, const Only& only = {});

// "storage.s3.profile" of "storage.s3.profile" and "storage[s3]['profile']", in lower case.
std::string dotted(std::string_view path);

}  // namespace metl::config
