// Values of a checks file, read from YAML with their place in it; what is wrong is a Problem that names the place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "quality/model/ast.h"

namespace metl::quality {

// Where reading a file puts what it finds wrong: `errors` count, `notices` change no outcome.
struct Findings {
  std::vector<ScanError> errors;
  std::vector<ScanError> notices;
  bool compat = false;  // what Soda Core passes over is a notice, too
};

// To Soda Core, an empty list is a setting that is not there. True for one in compat mode, of which a notice tells.
bool is_none_to_soda(const yaml::Node& list, const std::string& file, const std::string& key, Findings& findings);

// Throws Problem in compat mode for an item that Soda Core takes for a date, which no list there can hold.
void refuse_date_of_soda(const yaml::Node& item, const std::string& file, const std::string& key,
                         const Findings& findings);

Location location_of(const std::string& file, const yaml::Node& node);

// A scalar with its place. Throws Problem for anything else; `what` names it in the message.
Text text_of(const std::string& file, const yaml::Node& node, std::string_view what);

// As YAML 1.2 has them: true, True, TRUE and the three of false, unquoted. Empty for all else, also yes and on.
std::optional<bool> boolean_of(const yaml::Node& node);

// Names and values of `attributes`, in order; a list becomes "a, b". Throws Problem.
std::vector<std::pair<std::string, Text>> read_attributes(const std::string& file, const yaml::Node& value);

// From 0 to `most`; `key` names it in the message.
int64_t whole_number(const std::string& file, const yaml::Node& value, const std::string& key, int64_t most);

// What the SQL file at `path` holds: beside the checks file `file`, or else where the process stands. At most 1 MiB.
std::string sql_of_file(const std::string& file, const Text& path);

// The message about a key that no check has; `line` is the check's.
std::string unknown_setting(const std::string& key, const std::string& line);

}  // namespace metl::quality
