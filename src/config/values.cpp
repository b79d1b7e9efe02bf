// What a value of a setting must be: keys.h's check_value().
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>

#include "base/duration.h"
#include "base/error.h"
#include "base/location.h"
#include "base/text.h"
#include "config/keys.h"
#include "config/typed_value.h"
#include "storage/endpoint.h"

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
      case ValueType::kDuration:
        return parse_duration(text).has_value();
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
  if (key.type == ValueType::kBoolean && (value.is_string() || value.is_number_integer())) {
    try {
      return fmt::format("Write {}, or '@bool {}'.", convert("@bool", to_display(value)).get<bool>(),
                         to_display(value));
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

// A place that was never filled in, or that means nothing here. The hint names the template that fills it in.
void check_location(const Key& key, const std::string& location, bool secret) {
  try {
    require_known_location(fmt::format("'{}'", key.name), location);
  } catch (const Error& e) {
    if (secret) throw Error(Cause::kConfiguration, fmt::format("'{}' is not a place that is known here", key.name));
    const bool names_a_variable = std::regex_search(location, unfilled_variable());
    if (!names_a_variable) throw;
    throw e.hinting(fmt::format("Write '{}', with one pair of braces.", as_template(location)));
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
    throw Error(Cause::kConfiguration, fmt::format("'{}' {}", key.name, fault),
                "Write it with its scheme, for example https://minio.example.org:9000.");
  }
}

}  // namespace

void check_value(const Key& key, const nlohmann::json& value, bool secret) {
  if (!fits(key, value)) {
    throw Error(Cause::kConfiguration,
                fmt::format("'{}' must be {}, not {}", key.name, expectation(key), describe(value, secret)),
                secret ? "" : hint_for(key, value));
  }
  if (!value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  check_connection(key, text);
  if (key.type == ValueType::kLocation) check_location(key, text, secret);
}

}  // namespace metl::config
