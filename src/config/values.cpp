// What a value of a setting must be: keys.h's check_value().
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>

#include "base/endpoint.h"
#include "base/error.h"
#include "base/text.h"
#include "config/keys.h"
#include "config/typed_value.h"

namespace metl::config {
namespace {

// A value with what it is: "the text 'abc'", "the whole number 5".
std::string describe(const nlohmann::json& value, bool secret) {
  using Kind = nlohmann::json::value_t;
  const std::string shown = mask(to_display(value), secret);
  switch (value.type()) {
    case Kind::null:
      return "nothing";
    case Kind::boolean:
      return "the boolean " + shown;
    case Kind::number_integer:
    case Kind::number_unsigned:
      return "the whole number " + shown;
    case Kind::number_float:
      return "the number " + shown;
    case Kind::string:
      return value.get_ref<const std::string&>().empty() ? "an empty text" : "the text '" + shown + "'";
    case Kind::array:
      return "a list";
    default:
      return "a group of values";
  }
}

bool fits(const Key& key, const nlohmann::json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty()) return key.default_text == "";
    switch (key.type) {
      case ValueType::kText:
      case ValueType::kLocation:
        return true;
      case ValueType::kTable:
        return text::table_name_parts(text).has_value();
      case ValueType::kSize:
        return text::parse_bytes(text) >= key.minimum;
      case ValueType::kInteger:
      case ValueType::kBoolean:
        return false;
      case ValueType::kChoice:
        return std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end();
    }
  }
  if (key.type == ValueType::kBoolean) return value.is_boolean();
  return (key.type == ValueType::kInteger || key.type == ValueType::kSize) && value.is_number_integer() &&
         value.get<int64_t>() >= key.minimum;
}

std::string hint_for(const Key& key, const nlohmann::json& value) {
  const bool wants_text = key.type == ValueType::kText || key.type == ValueType::kLocation;
  if (wants_text && (value.is_number() || value.is_boolean())) {
    return fmt::format("Quote the value in a file; in a variable or a flag write '@str {}'.", to_display(value));
  }
  if (key.type == ValueType::kBoolean && value.is_string()) {
    try {
      return fmt::format("Write {}, or '@bool {}'.", convert("@bool", value.get<std::string>()).get<bool>(),
                         value.get<std::string>());
    } catch (const Error&) {
      return {};
    }
  }
  if (key.type == ValueType::kTable && value.is_string() &&
      text::table_name_parts("default." + value.get<std::string>())) {
    return fmt::format("Without a database of its own a table belongs to 'default': write '{}'.",
                       "default." + value.get<std::string>());
  }
  return {};
}

// How a location names a variable that nothing fills in: of a shell, Windows, Jinja, or a template without "@format".
const std::regex& unfilled_variable() {
  static const std::regex kVariable(
      R"(\$\{([A-Za-z_]\w*)[^}]*\}|\$([A-Za-z_]\w*)|%([A-Za-z_]\w*)%|\{\{\s*(?:env[.\[]\s*)?['"]?([A-Za-z_]\w*)['"]?\]*\s*\}\}|\{env\[([A-Za-z_]\w*)\]\})");
  return kVariable;
}

// "@format {env[LAKE]}/x" of "${LAKE}/x".
std::string as_template(const std::string& location) {
  std::string out = "@format ";
  auto rest = location.cbegin();
  for (std::sregex_iterator found(location.begin(), location.end(), unfilled_variable()), end; found != end; ++found) {
    out.append(rest, (*found)[0].first);
    for (size_t i = 1; i < found->size(); ++i) {
      if ((*found)[i].matched) out += fmt::format("{{env[{}]}}", (*found)[i].str());
    }
    rest = (*found)[0].second;
  }
  return out.append(rest, location.cend());
}

void check_location(const Key& key, const std::string& location, bool secret) {
  const std::string shown = mask(location, secret);
  // A shell would have replaced the tilde; here it would become a folder of that name.
  if (location.starts_with('~')) {
    throw Error(ExitCode::kConfig, fmt::format("'{}' starts with '~', which means nothing here", key.name),
                "Write '@format {env[HOME]}/...' for a folder in your home.");
  }
  if (location.find('$') != std::string::npos || location.find("{{") != std::string::npos ||
      std::regex_search(location, unfilled_variable())) {
    throw Error(ExitCode::kConfig,
                fmt::format("'{}' is '{}': nothing fills in a variable written like that", key.name, shown),
                fmt::format("Write '{}', with one pair of braces.",
                            secret ? "@format {env[NAME]}/..." : as_template(location)));
  }
  if (location.find("{this") != std::string::npos) {
    throw Error(ExitCode::kConfig,
                fmt::format("'{}' is '{}': a template is filled in only behind @format", key.name, shown),
                secret ? "" : fmt::format("Write '@format {}'.", location));
  }
  static const std::regex kDrive(R"([A-Za-z]:[\\/].*|\\\\.*)");
  static const std::regex kOneSlash(R"(([A-Za-z][A-Za-z0-9+.-]+):/[^/].*)");
  std::smatch parts;
  if (std::regex_match(location, kDrive)) {
    throw Error(ExitCode::kConfig, fmt::format("'{}' is '{}': a path of Windows", key.name, shown),
                "Write it as this machine sees it, for example /mnt/c/lake.");
  }
  if (std::regex_match(location, parts, kOneSlash)) {
    throw Error(ExitCode::kConfig, fmt::format("'{}' is '{}': neither a path nor a URL", key.name, shown),
                parts[1] == "file" ? "Write the path alone, without 'file:'."
                                   : fmt::format("Write {}://..., or the path alone.", parts[1].str()));
  }
}

// What connects to something is sent as it is, in headers and addresses.
void check_connection(const Key& key, const std::string& value) {
  const bool connects =
      key.name.starts_with("storage.") || key.name.starts_with("engine.spark.") || key.name == "catalog.hive.uri";
  if (!connects || value.empty() || key.type != ValueType::kText || key.name == "storage.s3.profile") return;
  require_sendable(fmt::format("'{}'", key.name), value);
  if (!key.name.ends_with(".endpoint")) return;
  if (const std::string fault = endpoint_fault(value); !fault.empty()) {
    throw Error(ExitCode::kConfig, fmt::format("'{}' {}", key.name, fault),
                "Write it with its scheme, for example https://minio.example.org:9000.");
  }
}

}  // namespace

void check_value(const Key& key, const nlohmann::json& value, bool secret) {
  if (!fits(key, value)) {
    throw Error(ExitCode::kConfig,
                fmt::format("'{}' must be {}, not {}", key.name, expectation(key), describe(value, secret)),
                secret ? "" : hint_for(key, value));
  }
  if (!value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  check_connection(key, text);
  if (key.type != ValueType::kLocation) return;
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    throw Error(ExitCode::kConfig, fmt::format("'{}' has a line break or another control character in it", key.name));
  }
  check_location(key, text, secret);
}

}  // namespace metl::config
