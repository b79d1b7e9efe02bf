#include "config/layer.h"

#include <charconv>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "config/keys.h"

namespace metl::config {
namespace {

using nlohmann::json;

constexpr std::string_view kMergeKey = "dynaconf_merge";
constexpr std::string_view kVariablePrefix = "DYNACONF_";

// What `work` returns; its errors say where they come from.
template <typename Work>
auto with_origin(const std::string& origin, Work&& work) {
  try {
    return work();
  } catch (const Error& e) {
    throw e.within(origin);
  }
}

// Adds one value; a group becomes the settings in it.
void add_value(Layer& layer, const std::string& name, TypedValue typed, const std::string& origin, bool secret) {
  if (typed.value.is_object() && !find_key(name)) {
    if (!typed.merge) layer.push_back({name, std::nullopt, origin});
    for (const auto& [part, value] : typed.value.items()) {
      TypedValue inner = value.is_string() ? parse_plain_text(value.get<std::string>()) : TypedValue{.value = value};
      inner.merge = true;  // what stood before is forgotten already, or is to stay
      add_value(layer, fmt::format("{}.{}", name, text::to_lower(part)), std::move(inner), origin, secret);
    }
    return;
  }
  const Key& key = require_key(name);
  secret = secret || key.secret || names_a_secret(name);
  if (!typed.is_format) check_value(key, typed.value, secret);
  layer.push_back({name, std::move(typed), origin, secret});
}

// A plain scalar by YAML 1.2's core schema, as Dynaconf's reader types it; a quoted one is always a text.
TypedValue typed_scalar(const yaml::Node& node) {
  const std::string& text = node.text();
  if (node.is_quoted()) return parse_plain_text(text);
  if (text == "true" || text == "True" || text == "TRUE") return {.value = true};
  if (text == "false" || text == "False" || text == "FALSE") return {.value = false};
  const char* end = text.data() + text.size();
  int64_t whole = 0;
  if (const auto [at, failed] = std::from_chars(text.data(), end, whole); failed == std::errc() && at == end) {
    return {.value = whole};
  }
  double real = 0;
  if (const auto [at, failed] = std::from_chars(text.data(), end, real); failed == std::errc() && at == end) {
    return {.value = real};
  }
  return parse_plain_text(text);
}

std::optional<bool> boolean(const yaml::Node& node) {
  const std::string word = text::to_lower(node.text());
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

TypedValue typed(const yaml::Node& node) {
  if (node.is_scalar()) return typed_scalar(node);
  if (node.is_sequence())
    return {.value = json::array()};  // no setting is a list or a group: its kind is all that matters
  return {.value = node.is_map() ? json::object() : json()};
}

// What a mapping's own `dynaconf_merge` says; `inherited` where it has none.
bool merges(const yaml::Node& mapping, bool inherited, const std::string& file) {
  for (const auto& entry : mapping) {
    if (text::to_lower(entry.first.text()) != kMergeKey) continue;
    if (const auto merge = boolean(entry.second)) return *merge;
    throw yaml::error_at(file, entry.second, fmt::format("'{}' must be true or false", kMergeKey));
  }
  return inherited;
}

class SectionReader {
 public:
  SectionReader(std::string file, bool secret) : file_(std::move(file)), secret_(secret) {}

  Layer read(const yaml::Node& section, bool merge) {
    read_mapping(section, "", merge);
    return std::move(layer_);
  }

 private:
  void read_mapping(const yaml::Node& mapping, const std::string& name, bool merge) {
    for (const auto& entry : mapping) {
      const std::string part = text::to_lower(entry.first.text());
      if (part == kMergeKey) continue;
      const std::string key = name.empty() ? part : fmt::format("{}.{}", name, part);
      if (!seen_.insert(key).second) {
        throw yaml::error_at(file_, entry.first, fmt::format("key '{}' is set twice in this section", key),
                             "Names are read without regard to case.");
      }
      read_entry(entry.first, entry.second, key, merge);
    }
  }

  void read_entry(const yaml::Node& name, const yaml::Node& node, const std::string& key, bool merge) {
    const std::string origin = yaml::position(file_, node.is_scalar() ? node : name);
    if (!node.is_scalar() && !node.is_sequence() && !find_key(key)) {
      const bool adds = merges(node, merge, file_);
      if (!adds) layer_.push_back({key, std::nullopt, origin});
      read_mapping(node, key, adds);
      return;
    }
    if (!find_key(key) && !is_group(key)) with_origin(yaml::position(file_, name), [&] { require_key(key); });
    with_origin(origin, [&] { add_value(layer_, key, typed(node), origin, secret_); });
  }

  std::string file_;
  bool secret_;
  std::set<std::string> seen_;
  Layer layer_;
};

}  // namespace

SectionFile read_sections(const std::string& path, bool secret) {
  if (std::filesystem::is_directory(path)) {
    throw Error(ExitCode::kConfig, fmt::format("config file '{}' is a folder", path));
  }
  yaml::Node root;
  try {
    root = yaml::load_file(path);
  } catch (const Error& e) {
    throw Error(ExitCode::kConfig, e.message(), e.hint());  // for the configuration also an unreadable file
  }
  if (!root.is_null() && !root.is_map()) {
    throw yaml::error_at(path, root, "a config file is a mapping of environments", "Start with 'development:'.");
  }
  SectionFile file{path, {}};
  const bool merge = merges(root, false, path);
  for (const auto& entry : root) {
    const std::string name = text::to_lower(entry.first.text());
    if (name == kMergeKey) continue;
    if (!entry.second.is_map() && !entry.second.is_null()) {
      throw yaml::error_at(path, entry.second, fmt::format("'{}' must be a section of settings", name),
                           "At the top of the file stand environments; settings stand inside them.");
    }
    if (is_group(name)) {
      throw yaml::error_at(path, entry.first, fmt::format("'{}' stands outside an environment", name),
                           "Put it below 'default:' to have it in every environment.");
    }
    const bool inserted =
        file.sections.emplace(name, SectionReader(path, secret).read(entry.second, merges(entry.second, merge, path)))
            .second;
    if (!inserted) throw yaml::error_at(path, entry.first, fmt::format("section '{}' stands twice", name));
  }
  return file;
}

Layer read_variables(const std::map<std::string, std::string>& variables) {
  Layer layer;
  std::map<std::string, std::string> seen;  // key -> variable
  for (const auto& variable : variables) {
    const std::string& name = variable.first;
    if (!name.starts_with(kVariablePrefix) || name.ends_with("_FOR_DYNACONF")) continue;
    const std::string key = text::replace_all(text::to_lower(name.substr(kVariablePrefix.size())), "__", ".");
    const std::string origin = fmt::format("variable {}", name);
    if (const auto [other, fresh] = seen.emplace(key, name); !fresh) {
      throw Error(ExitCode::kConfig, fmt::format("variables {} and {} both set '{}'", other->second, name, key));
    }
    with_origin(origin, [&] { add_value(layer, key, parse_toml_text(variable.second), origin, false); });
  }
  return layer;
}

Layer read_overrides(const std::vector<Override>& overrides) {
  Layer layer;
  for (const auto& given : overrides) {
    const std::string origin = fmt::format("flag {}", given.flag);
    with_origin(origin,
                [&] { add_value(layer, text::to_lower(given.key), parse_toml_text(given.text), origin, false); });
  }
  return layer;
}

}  // namespace metl::config
