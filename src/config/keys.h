// Every setting there is: the one table from which validation, `config show`, the manual and docs/configuration.md
// come.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace metl::config {

enum class ValueType {
  kText,
  kLocation,  // a path or a URL; a relative path starts at the folder of the config file
  kTable,     // database.table
  kSize,      // bytes: 512MB, 2GiB, or a whole number
  kInteger,
  kDuration,  // 90d, 12h
  kBoolean,
  kChoice,
};

struct Key {
  std::string_view name = {};
  ValueType type = ValueType::kText;
  std::optional<std::string_view> default_text = {};  // none: the setting is required. "": it may be empty
  std::string_view description = {};
  std::vector<std::string_view> choices = {};  // kChoice only
  int64_t minimum = 0;                         // kSize and kInteger only
  bool secret = false;
};

const std::vector<Key>& known_keys();  // known_keys.cpp

// The key of that name, or null.
const Key* find_key(std::string_view name);

// Whether keys start with "<name>.".
bool is_group(std::string_view name);

// What a value of this key is, with an article: "a size such as 512MB or 2GiB".
std::string expectation(const Key& key);

// Throws Error{kConfiguration} when `value` is none of the key's, is a location with a variable that nothing fills in,
// or cannot be sent to what it connects to; the text shows the value unless `secret`.
void check_value(const Key& key, const nlohmann::json& value, bool secret);

// Throws Error{kConfiguration} for a name that is no key: it suggests the nearest one, or the keys of the group that it
// names.
const Key& require_key(std::string_view name);

// How a value is written for people: texts without quotes.
std::string to_display(const nlohmann::json& value);

// Text safe to print: the value of a secret is "***" unless it is empty; of all else what base/secrets.h masks.
std::string mask(const std::string& value, bool secret);

}  // namespace metl::config
