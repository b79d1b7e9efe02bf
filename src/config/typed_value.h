// What the text of a setting means, by Dynaconf's rules: TOML for variables and flags, and its `@converters`
// everywhere.
//
// The library behind the TOML part is toml++; only typed_value.cpp includes it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace metl::config {

struct TypedValue {
  nlohmann::json value;      // for a template: its text
  bool is_format = false;    // "@format ...": to be filled in once every layer is read
  bool is_get = false;       // "@get KEY DEFAULT", and
  bool is_file = false;      // "@read_file PATH DEFAULT": the same
  std::string cast = {};     // converter to apply after that, "@int"; empty for none
  bool merge = false;        // "@merge {...}": a group that adds to the one before instead of replacing it
  std::string written = {};  // a number as it stands in its source, for a setting that is a text

  bool is_lazy() const { return is_format || is_get || is_file; }
};

// 42, 1.5, true (also True), "quoted", [1, 2], {a = 1}; whatever is no TOML value is a text. Dates stay texts.
// Throws Error{kConfiguration}, which never holds the text itself: it may be a secret.
TypedValue parse_toml_text(std::string_view text);

// A plain scalar of a YAML file, by YAML 1.2 as Dynaconf's reader types it: 42, 0x1F, 1_000, +4, 1.5, true.
TypedValue parse_yaml_scalar(std::string_view text);

// A text of a YAML file, already known to be one: only converters are looked for.
TypedValue parse_plain_text(std::string_view text);

// Applies "@str", "@int", "@float", "@bool" or "@json". Throws as above.
nlohmann::json convert(std::string_view converter, std::string_view text);

}  // namespace metl::config
