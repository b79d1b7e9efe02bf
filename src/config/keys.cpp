#include "config/keys.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/json.h"
#include "base/secrets.h"
#include "base/text.h"

namespace metl::config {
namespace {

constexpr double kMissingWord = 0.3;
constexpr std::array<std::string_view, 6> kLocationWords{"path", "folder", "dir", "directory", "uri", "url"};

std::vector<std::string> words_of(std::string_view name) {
  std::string lower = text::to_lower(name);
  std::replace(lower.begin(), lower.end(), '.', '_');
  return text::split(lower, '_');
}

// From 0, the same, to 1, another word.
double word_distance(const std::string& given, const std::string& word) {
  if (given == word) return 0;
  if (word == "location" && std::find(kLocationWords.begin(), kLocationWords.end(), given) != kLocationWords.end())
    return 0.4;
  if (given.size() >= 3 && (word.starts_with(given) || given.starts_with(word))) return 0.3;
  return text::nearest(given, {word}).empty() ? 1 : 0.3;
}

// The key that a wrong name most likely means, by the words it is made of; "" for none.
std::string likely_key(std::string_view name) {
  const std::vector<std::string> given = words_of(name);
  std::string best;
  double least = 0.35 * static_cast<double>(given.size()) + 0.3;
  for (const auto& key : known_keys()) {
    std::vector<std::string> rest = words_of(key.name);
    double cost = 0;
    for (const auto& word : given) {
      const auto nearest = std::min_element(rest.begin(), rest.end(), [&](const auto& a, const auto& b) {
        return word_distance(word, a) < word_distance(word, b);
      });
      const double distance = nearest == rest.end() ? 1 : word_distance(word, *nearest);
      cost += distance;
      if (distance < 1) rest.erase(nearest);
    }
    cost += kMissingWord * static_cast<double>(rest.size());
    if (cost < least - 1e-9) {
      least = cost;
      best = key.name;
    }
  }
  return best;
}

}  // namespace

const Key* find_key(std::string_view name) {
  const auto& keys = known_keys();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

bool is_group(std::string_view name) {
  const auto& keys = known_keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const Key& key) { return key.name.starts_with(fmt::format("{}.", name)); });
}

std::string expectation(const Key& key) {
  switch (key.type) {
    case ValueType::kText:
      return "a text";
    case ValueType::kLocation:
      return "a path or a URL";
    case ValueType::kTable:
      return "a table's name, database.table, of letters, digits and '_'";
    case ValueType::kSize:
      return key.minimum <= 1 ? "a size such as 512MB or 2GiB"
                              : fmt::format("a size of at least {}, such as 512MB or 2GiB",
                                            text::human_bytes(static_cast<uint64_t>(key.minimum)));
    case ValueType::kInteger:
      return fmt::format("a whole number of at least {}", key.minimum);
    case ValueType::kDuration:
      return "a length of time such as 90d or 12h";
    case ValueType::kBoolean:
      return "true or false";
    case ValueType::kChoice:
      return fmt::format("one of {}", fmt::join(key.choices, ", "));
  }
  return {};
}

const Key& require_key(std::string_view name) {
  if (const Key* key = find_key(name)) return *key;
  std::vector<std::string> names;
  std::vector<std::string_view> inside;
  for (const auto& key : known_keys()) {
    names.emplace_back(key.name);
    if (key.name.starts_with(fmt::format("{}.", name))) inside.push_back(key.name);
  }
  if (!inside.empty()) {
    throw Error(Cause::kConfiguration, fmt::format("'{}' is a group of settings, not a value", name),
                fmt::format("Settings in it: {}.", fmt::join(inside, ", ")));
  }
  const std::string likely = likely_key(name);
  throw Error(
      Cause::kConfiguration,
      fmt::format("unknown key '{}'.{}", name, likely.empty() ? "" : fmt::format(" Did you mean '{}'?", likely)),
      likely.empty() ? fmt::format("Known keys: {}.", fmt::join(names, ", ")) : "");
}

std::string to_display(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : on_one_line(value);
}

std::string mask(const std::string& value, bool secret) {
  if (secret) return value.empty() ? "" : "***";
  return secrets::masked(value);
}

}  // namespace metl::config
