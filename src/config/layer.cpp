#include "config/layer.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/secrets.h"
#include "base/text.h"
#include "base/yaml.h"
#include "config/keys.h"

namespace metl::config {
namespace {

using nlohmann::json;

constexpr std::string_view kMergeKey = "dynaconf_merge";
constexpr std::string_view kVariablePrefix = "DYNACONF_";

// As in compose files: what only holds anchors.
bool is_for_anchors(std::string_view name) { return name.starts_with("x-"); }

// What `work` returns; its errors say where they come from.
template <typename Work>
auto with_origin(const std::string& origin, Work&& work) {
  try {
    return work();
  } catch (const Error& e) {
    throw e.within(origin);
  }
}

// Takes `dynaconf_merge` out of a group given as a value; `inherited` where it has none.
bool take_merge(json& group, bool inherited) {
  for (auto entry = group.begin(); entry != group.end(); ++entry) {
    if (text::to_lower(entry.key()) != kMergeKey) continue;
    if (!entry->is_boolean()) throw Error(Cause::kConfiguration, fmt::format("'{}' must be true or false", kMergeKey));
    const bool merge = entry->get<bool>();
    group.erase(entry);
    return merge;
  }
  return inherited;
}

// Adds one value; a group becomes the settings in it.
void add_value(Layer& layer, const Helpers& helpers, const Only& only, const std::string& name, TypedValue typed,
               const std::string& origin, bool secret) {
  if (!is_asked_for(only, name)) return;
  const bool helper = helpers.contains(name) && find_key(name) == nullptr;
  if (typed.value.is_object() && !find_key(name)) {
    if (!take_merge(typed.value, typed.merge)) layer.push_back({.key = name, .origin = origin});
    for (const auto& [part, value] : typed.value.items()) {
      TypedValue inner = value.is_string() ? parse_plain_text(value.get<std::string>()) : TypedValue{.value = value};
      inner.merge = true;  // what stood before is forgotten already, or is to stay
      add_value(layer, helpers, only, fmt::format("{}.{}", name, text::to_lower(part)), std::move(inner), origin,
                secret);
    }
    return;
  }
  if (helper) {
    secret = secret || secrets::named(name);
    if (secret && typed.value.is_string()) secrets::know(typed.value.get_ref<const std::string&>());
    layer.push_back({.key = name, .value = std::move(typed), .origin = origin, .secret = secret});
    return;
  }
  const Key& key = require_key(name);
  secret = secret || key.secret || secrets::named(name);
  const bool is_text = key.type == ValueType::kText || key.type == ValueType::kChoice;
  if (is_text && typed.value.is_number() && !typed.written.empty()) typed.value = typed.written;
  if (!typed.is_lazy()) check_value(key, typed.value, secret);
  layer.push_back({.key = name, .value = std::move(typed), .origin = origin, .secret = secret});
}

std::optional<bool> boolean(const yaml::Node& node) {
  const std::string word = text::to_lower(node.text());
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

TypedValue typed(const yaml::Node& node) {
  if (node.is_scalar()) return node.is_quoted() ? parse_plain_text(node.text()) : parse_yaml_scalar(node.text());
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

// Groups below a mapping that say `dynaconf_merge: true` themselves.
void add_merging_groups(std::vector<std::string>& out, const yaml::Node& mapping, const std::string& name,
                        const std::string& file) {
  for (const auto& entry : mapping) {
    if (!entry.second.is_map()) continue;
    const std::string group = fmt::format("{}.{}", name, text::to_lower(entry.first.text()));
    if (merges(entry.second, false, file))
      out.push_back(group);
    else
      add_merging_groups(out, entry.second, group, file);
  }
}

class SectionReader {
 public:
  SectionReader(std::string file, bool secret, const Helpers& helpers, const Only& only)
      : file_(std::move(file)), secret_(secret), helpers_(helpers), only_(only) {}

  Layer read(const yaml::Node& section, bool merge) {
    read_mapping(section, "", merge);
    return std::move(layer_);
  }

 private:
  void read_mapping(const yaml::Node& mapping, const std::string& name, bool merge) {
    for (const auto& entry : mapping) {
      const std::string part = text::to_lower(entry.first.text());
      if (part == kMergeKey || is_for_anchors(part)) continue;
      const std::string key = name.empty() ? part : fmt::format("{}.{}", name, part);
      if (!is_asked_for(only_, key)) continue;
      if (!seen_.insert(key).second) {
        throw yaml::error_at(file_, entry.first, fmt::format("key '{}' is set twice in this section", key),
                             "Names are read without regard to case.");
      }
      read_entry(entry.first, entry.second, key, merge);
    }
  }

  void read_entry(const yaml::Node& name, const yaml::Node& node, const std::string& key, bool merge) {
    const std::string origin = to_text(yaml::place_in(file_, node.is_scalar() ? node : name));
    const bool known = find_key(key) != nullptr || is_group(key) || helpers_.contains(key);
    if (node.is_null() && find_key(key)) {
      layer_.push_back({.key = key, .origin = origin});  // blank: not set
      return;
    }
    if (!known && (!node.is_map() || node.size() == 0))
      with_origin(to_text(yaml::place_in(file_, name)), [&] { require_key(key); });
    if (!node.is_scalar() && !node.is_sequence() && !find_key(key)) {
      const bool adds = merges(node, merge, file_);
      if (!adds) {
        layer_.push_back({.key = key, .origin = origin});
        add_merging_groups(layer_.back().keep, node, key, file_);
      }
      read_mapping(node, key, adds);
      return;
    }
    with_origin(origin, [&] { add_value(layer_, helpers_, only_, key, typed(node), origin, secret_); });
  }

  std::string file_;
  bool secret_;
  const Helpers& helpers_;
  const Only& only_;
  std::set<std::string> seen_;
  Layer layer_;
};

}  // namespace

bool is_asked_for(const Only& only, std::string_view name) {
  const auto holds = [](std::string_view group, std::string_view key) {
    return key.starts_with(group) && (key.size() == group.size() || key[group.size()] == '.');
  };
  return only.empty() ||
         std::any_of(only.begin(), only.end(), [&](const auto& one) { return holds(one, name) || holds(name, one); });
}

std::string dotted(std::string_view path) {
  std::string out;
  for (const char c : text::to_lower(path)) {
    if (c == '[' || c == '.') {
      if (!out.empty() && out.back() != '.') out += '.';
    } else if (c != ']' && c != '\'' && c != '"') {
      out += c;
    }
  }
  return out;
}

void add_helpers(Helpers& helpers, std::string_view text) {
  constexpr std::string_view kThis = "{this";
  for (size_t at = text.find(kThis); at != std::string_view::npos; at = text.find(kThis, at + 1)) {
    const size_t from = at + kThis.size();
    const std::string name = dotted(text.substr(from, text.find('}', from) - from));
    if (!name.empty()) helpers.insert(name);
  }
  constexpr std::string_view kGet = "@get ";
  for (size_t at = text.find(kGet); at != std::string_view::npos; at = text.find(kGet, at + 1)) {
    const size_t from = at + kGet.size();
    helpers.insert(dotted(text.substr(from, text.find_first_of(" \t\r\n'\"", from) - from)));
  }
}

SectionFile read_sections(const std::string& path, bool secret, const Helpers& helpers, const Only& only) {
  if (std::filesystem::is_directory(path)) {
    throw Error(Cause::kConfiguration, fmt::format("config file '{}' is a folder", path));
  }
  yaml::Node root;
  try {
    root = yaml::load_file(path);
  } catch (const Error& e) {
    throw Error(Cause::kConfiguration, e.message(), e.hint());  // for the configuration also an unreadable file
  }
  if (!root.is_null() && !root.is_map()) {
    throw yaml::error_at(path, root, "a config file is a mapping of environments", "Start with 'development:'.");
  }
  SectionFile file{path, {}};
  const bool merge = merges(root, false, path);
  for (const auto& entry : root) {
    const std::string name = text::to_lower(entry.first.text());
    if (name == kMergeKey || is_for_anchors(name)) continue;
    if (!entry.second.is_map() && !entry.second.is_null()) {
      throw yaml::error_at(path, entry.second, fmt::format("'{}' must be a section of settings", name),
                           "At the top of the file stand environments; settings stand inside them.");
    }
    if (is_group(name)) {
      throw yaml::error_at(path, entry.first, fmt::format("'{}' stands outside an environment", name),
                           "Put it below 'default:' to have it in every environment.");
    }
    const bool inserted =
        file.sections
            .emplace(name,
                     SectionReader(path, secret, helpers, only).read(entry.second, merges(entry.second, merge, path)))
            .second;
    if (!inserted) throw yaml::error_at(path, entry.first, fmt::format("section '{}' stands twice", name));
  }
  return file;
}

Layer read_variables(const std::map<std::string, std::string>& variables, const Helpers& helpers, const Only& only) {
  Layer layer;
  std::map<std::string, std::string> seen;  // key -> variable
  for (const auto& variable : variables) {
    const std::string& name = variable.first;
    if (!name.starts_with(kVariablePrefix) || name.ends_with("_FOR_DYNACONF")) continue;
    const std::string key = text::replace_all(text::to_lower(name.substr(kVariablePrefix.size())), "__", ".");
    const std::string origin = fmt::format("variable {}", name);
    if (const auto [other, fresh] = seen.emplace(key, name); !fresh) {
      throw Error(Cause::kConfiguration, fmt::format("variables {} and {} both set '{}'", other->second, name, key));
    }
    with_origin(origin, [&] { add_value(layer, helpers, only, key, parse_toml_text(variable.second), origin, false); });
  }
  return layer;
}

Layer read_overrides(const std::vector<Override>& overrides, const Helpers& helpers, const Only& only) {
  Layer layer;
  for (const auto& given : overrides) {
    const std::string origin = fmt::format("flag {}", given.flag);
    with_origin(origin, [&] {
      add_value(layer, helpers, only, text::to_lower(given.key), parse_toml_text(given.text), origin, false);
    });
  }
  return layer;
}

}  // namespace metl::config
