#include "config/typed_value.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "base/text.h"

namespace metl::config {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> kCasts{"@str", "@int", "@float", "@bool", "@json"};
// Dynaconf knows these and acts on them; taking them for plain texts would be a silent change of meaning.
constexpr std::array<std::string_view, 20> kUnsupported{"@jinja",  "@del",     "@reset", "@merge_unique", "@insert",
                                                        "@upper",  "@lower",   "@title", "@capitalize",   "@strip",
                                                        "@lstrip", "@rstrip",  "@split", "@casefold",     "@swapcase",
                                                        "@note",   "@comment", "@null",  "@none",         "@empty"};
constexpr std::array<std::string_view, 6> kTrue{"t", "true", "enabled", "1", "on", "yes"};
constexpr std::array<std::string_view, 7> kFalse{"f", "false", "disabled", "0", "off", "no", ""};

template <size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

json to_json(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* real = node.as_floating_point()) return real->get();
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  if (const auto* list = node.as_array()) {
    json out = json::array();
    for (const auto& item : *list) out.push_back(to_json(item));
    return out;
  }
  if (const auto* table = node.as_table()) {
    json out = json::object();
    for (const auto& [key, item] : *table) out[std::string(key.str())] = to_json(item);
    return out;
  }
  std::ostringstream date;  // dates and times: as TOML writes them
  node.visit([&](const auto& value) {
    if constexpr (toml::is_chronological<decltype(value)>) date << value.get();
  });
  return date.str();
}

json toml_or_text(std::string_view text) {
  try {
    return to_json(*toml::parse(fmt::format("key = {}", text)).get("key"));
  } catch (const toml::parse_error&) {
    return text;  // Dynaconf's rule: what TOML refuses is a text
  }
}

// nullopt for what is no number.
std::optional<json> yaml_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string digits(text.substr(negative || text.starts_with('+') ? 1 : 0));
  if (digits.empty() || digits.starts_with('_')) return std::nullopt;
  std::erase(digits, '_');
  const char* first = digits.data();
  const char* last = first + digits.size();
  for (const auto& [prefix, base] : {std::pair{"0x", 16}, {"0o", 8}, {"0b", 2}, {"", 10}}) {
    if (!digits.starts_with(prefix)) continue;
    int64_t whole = 0;
    const auto [end, failed] = std::from_chars(first + std::string_view(prefix).size(), last, whole, base);
    if (failed == std::errc() && end == last && std::isalnum(static_cast<unsigned char>(*first)) != 0)
      return negative ? -whole : whole;
  }
  // from_chars takes "inf" and "nan" too, which are texts in YAML.
  if (digits.find_first_not_of("0123456789.eE+-") != std::string::npos) return std::nullopt;
  double real = 0;
  const auto [end, failed] = std::from_chars(first, last, real);
  if (failed != std::errc() || end != last || digits.starts_with('-')) return std::nullopt;
  return negative ? -real : real;
}

template <typename Number>
json number(std::string_view converter, std::string_view text, std::string_view what) {
  text = text::trim(text);
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) {
    throw Error(Cause::kConfiguration, fmt::format("what follows {} is not {}", converter, what));
  }
  return value;
}

}  // namespace

json convert(std::string_view converter, std::string_view text) {
  if (converter == "@int") return number<int64_t>(converter, text, "a whole number");
  if (converter == "@float") return number<double>(converter, text, "a number");
  if (converter == "@bool") {
    const std::string word = text::to_lower(text::trim(text));
    if (contains(kTrue, word)) return true;
    if (contains(kFalse, word)) return false;
    throw Error(Cause::kConfiguration, "what follows @bool is neither true nor false");
  }
  if (converter == "@json") {
    json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (value.is_discarded()) throw Error(Cause::kConfiguration, "what follows @json is not JSON");
    return value;
  }
  return text;  // @str
}

TypedValue parse_plain_text(std::string_view text) {
  const std::string_view converter = text.substr(0, text.find(' '));
  const std::string_view rest = converter.size() < text.size() ? text.substr(converter.size() + 1) : std::string_view();
  if (converter == "@format") return {.value = rest, .is_format = true};
  if (converter == "@get") return {.value = rest, .is_get = true};
  if (converter == "@read_file") return {.value = rest, .is_file = true};
  if (contains(kCasts, converter)) {
    if (rest.starts_with("@format "))
      return {.value = rest.substr(8), .is_format = true, .cast = std::string(converter)};
    return {.value = convert(converter, rest)};
  }
  if (converter == "@merge") {
    TypedValue group{.value = toml_or_text(rest), .merge = true};
    if (!group.value.is_object()) group.value = json::parse(rest, nullptr, false);
    if (!group.value.is_object())
      throw Error(Cause::kConfiguration, "what follows @merge is not a group such as {a = 1}");
    return group;
  }
  if (contains(kUnsupported, converter)) {
    throw Error(Cause::kConfiguration, fmt::format("Dynaconf's {} is not supported", converter),
                "Supported: @str, @int, @float, @bool, @json, @format, @get, @read_file and @merge.");
  }
  return {.value = text};
}

TypedValue parse_toml_text(std::string_view text) {
  TypedValue typed = parse_plain_text(text);
  const bool untouched = typed.value.is_string() && typed.value == text && !typed.is_lazy();
  if (!untouched || text.starts_with('@')) return typed;
  const std::string_view word = text::trim(text);
  if (word == "True" || word == "False") return {.value = word == "True"};  // Dynaconf: a common slip in variables
  TypedValue out{.value = toml_or_text(text)};
  if (out.value.is_number()) out.written = word;
  return out;
}

TypedValue parse_yaml_scalar(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return {.value = true};
  if (text == "false" || text == "False" || text == "FALSE") return {.value = false};
  if (auto number = yaml_number(text)) return {.value = std::move(*number), .written = std::string(text)};
  return parse_plain_text(text);
}

}  // namespace metl::config
