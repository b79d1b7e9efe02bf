#include "config/settings.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "base/duration.h"
#include "base/error.h"
#include "base/files.h"
#include "base/location.h"
#include "base/log.h"
#include "base/secrets.h"
#include "base/text.h"
#include "config/interpolate.h"
#include "config/keys.h"

namespace metl::config {
namespace {

namespace fs = std::filesystem;

// Without a slash at the end, so that what lies in it is "<location>/<name>".
std::string resolve_location(const std::string& folder, const std::string& text) {
  if (text.empty()) return text;
  std::string out = is_remote(text) ? text : (fs::path(folder) / text).lexically_normal().string();
  while (out.size() > 1 && out.ends_with('/') && !out.ends_with("://")) out.pop_back();
  return out;
}

// app_config.yaml -> app_config.local.yaml, in the same folder.
std::string local_sibling(const fs::path& file) {
  return (file.parent_path() / (file.stem().string() + ".local" + file.extension().string())).string();
}

// The layers one upon the other.
struct Stack {
  std::map<std::string, Change, std::less<>> changes;
  std::map<std::string, std::string, std::less<>> forgotten;  // key -> origin of the group that replaced it

  void apply(const Layer& layer) {
    for (const auto& change : layer) {
      if (change.value) {
        changes.insert_or_assign(change.key, change);
        continue;
      }
      if (find_key(change.key) != nullptr) forgotten.insert_or_assign(change.key, change.origin + " (blank)");
      const std::string below = change.key + ".";
      std::erase_if(changes, [&](const auto& entry) {
        if (entry.first != change.key && !entry.first.starts_with(below)) return false;
        if (std::any_of(change.keep.begin(), change.keep.end(),
                        [&](const std::string& group) { return entry.first.starts_with(group + "."); }))
          return false;
        forgotten.insert_or_assign(entry.first, change.origin);
        return true;
      });
    }
  }
};

// Whether there is a file, or something that stands for one. Throws Error{kConfiguration} for what cannot be looked at,
// and for a link that leads nowhere: it was meant to be there.
bool is_there(const std::string& path) {
  std::error_code failed;
  const fs::file_status own = fs::symlink_status(path, failed);
  if (own.type() == fs::file_type::not_found) return false;
  const fs::file_status target = failed ? own : fs::status(path, failed);
  if (target.type() == fs::file_type::not_found) {
    throw Error(Cause::kConfiguration, fmt::format("config file '{}' is a link to nothing", path),
                "Mend the link, or remove it.");
  }
  if (failed)
    throw Error(Cause::kConfiguration, fmt::format("config file '{}' cannot be read: {}", path, failed.message()));
  return true;
}

// The files that there are, from weak to strong, and whether their values are secret.
std::vector<std::pair<std::string, bool>> config_files(const std::string& main_file) {
  if (!is_there(main_file)) {
    throw Error(Cause::kConfiguration, fmt::format("Provided config file '{}' does not exist", main_file),
                "Name another one with --config-file-path.");
  }
  std::vector<std::pair<std::string, bool>> out{{main_file, false}};
  if (const std::string local = local_sibling(main_file); is_there(local)) out.emplace_back(local, false);
  const std::string secrets = (fs::path(main_file).parent_path() / ".secrets.yaml").string();
  if (is_there(secrets)) out.emplace_back(secrets, true);
  return out;
}

// What templates of any layer name.
Helpers helpers_of(const LoadRequest& request, const std::vector<std::pair<std::string, bool>>& files) {
  Helpers out;
  for (const auto& [path, secret] : files) {
    std::error_code unknown;
    if (fs::is_regular_file(path, unknown)) add_helpers(out, files::read(path).value_or(""));
  }
  for (const auto& [name, text] : request.variables) {
    if (name.starts_with("DYNACONF_")) add_helpers(out, text);
  }
  for (const auto& given : request.overrides) add_helpers(out, given.text);
  return out;
}

// The environment, and what is wrong with it: it has no section in any file.
struct Chosen {
  std::string name;
  bool asked = false;
  std::optional<Error> unknown;
  bool is_typo = false;  // of one that there is
};

Chosen choose_environment(const LoadRequest& request, const std::vector<SectionFile>& files) {
  Chosen out{request.environment, true, {}, false};
  if (out.name.empty()) {
    const auto variable = request.variables.find("ENV_FOR_DYNACONF");
    out.asked = variable != request.variables.end() && !variable->second.empty();
    out.name = out.asked ? variable->second : "development";
  }
  out.name = text::to_lower(out.name);
  std::vector<std::string> names;
  for (const auto& file : files) {
    for (const auto& [name, layer] : file.sections) {
      if (name != "default" && name != "global" && std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  if (std::find(names.begin(), names.end(), out.name) != names.end()) return out;
  out.is_typo = !text::nearest(out.name, names).empty();
  out.unknown =
      Error(Cause::kConfiguration,
            fmt::format("{}: unknown environment '{}'.{}", request.file, out.name, text::did_you_mean(out.name, names)),
            names.empty() ? "The file has no environment yet: add a section 'development:'."
                          : fmt::format("Environments of the file: {}.", fmt::join(names, ", ")));
  return out;
}

// `keys` are all that are missing.
Error keys_not_found(const std::vector<std::string_view>& keys, const std::string& file, const std::string& environment,
                     const Stack& stack) {
  std::string message = fmt::format("Key '{}' not found in {}, environment '{}'", keys.front(), file, environment);
  for (size_t i = 1; i < keys.size(); ++i) message += fmt::format("{} '{}'", i == 1 ? "; nor" : ",", keys[i]);
  std::string hint = fmt::format("Set it there, as a variable, or with --set {}=...", keys.front());
  for (const auto& key : keys) {
    const auto forgotten = stack.forgotten.find(key);
    if (forgotten == stack.forgotten.end()) continue;
    const std::string& origin = forgotten->second;
    const bool blank = origin.ends_with("(blank)");
    if (blank)
      hint =
          fmt::format("{} leaves it empty: fill it in, or set it as a variable.", origin.substr(0, origin.rfind(" (")));
    else if (origin.starts_with("variable ") || origin.starts_with("flag "))
      hint =
          fmt::format("{} replaces everything that stood below that group; '@merge {{...}}' would add to it.", origin);
    else
      hint = fmt::format(
          "{} replaces everything that stood below that group; 'dynaconf_merge: true' at the top of that file would add to it.",
          origin);
    break;
  }
  return {Cause::kConfiguration, message, hint};
}

// From now on the masker knows it: a value and, of a location, what it becomes.
void learn(const Key& key, const nlohmann::json& value, const std::string& folder) {
  constexpr size_t kTooCommon = 6;  // bytes: a folder called "lake" would be torn out of every message
  if (!value.is_string() || key.type == ValueType::kChoice || key.type == ValueType::kSize ||
      key.type == ValueType::kDuration)
    return;
  const auto& text = value.get_ref<const std::string&>();
  if (key.type == ValueType::kLocation) secrets::know(resolve_location(folder, text));
  if (key.secret || text.size() >= kTooCommon) secrets::know(text);
}

}  // namespace

Settings load(const LoadRequest& request) {
  const auto paths = config_files(request.file);
  const Helpers helpers = helpers_of(request, paths);
  std::vector<SectionFile> files;
  for (const auto& [path, secret] : paths) files.push_back(read_sections(path, secret, helpers, request.only));
  const Chosen chosen = choose_environment(request, files);
  Settings settings;
  settings.file_ = request.file;
  settings.folder_ = fs::absolute(request.file).parent_path().lexically_normal().string();
  settings.environment_ = chosen.name;
  if (chosen.asked && chosen.is_typo) throw *chosen.unknown;

  Stack stack;
  for (const auto& file : files) {
    for (const std::string& section : {std::string("default"), settings.environment_, std::string("global")}) {
      if (const auto found = file.sections.find(section); found != file.sections.end()) stack.apply(found->second);
    }
  }
  stack.apply(read_variables(request.variables, helpers, request.only));
  stack.apply(read_overrides(request.overrides, helpers, request.only));
  for (const auto& key : known_keys()) {
    if (key.default_text && !stack.changes.contains(key.name)) {
      const std::string name(key.name);
      stack.changes.emplace(name, Change{name, parse_toml_text(*key.default_text), "default", key.secret});
    }
  }

  std::vector<std::string_view> missing;
  for (const auto& key : known_keys()) {
    if (!stack.changes.contains(key.name) && is_asked_for(request.only, key.name)) missing.push_back(key.name);
  }
  if (!missing.empty()) {
    const bool forgotten = stack.forgotten.contains(missing.front());
    if (chosen.unknown && !forgotten) throw *chosen.unknown;
    throw keys_not_found(missing, request.file, settings.environment_, stack);
  }
  if (chosen.asked && chosen.unknown) {
    log::warning(
        "no file has a section '{}': what stands in 'default' and 'global', variables and flags is all there is",
        chosen.name);
  }
  Interpolator interpolator(stack.changes, request.variables, settings.environment_, settings.folder_);
  for (const auto& key : known_keys()) {
    const auto found = stack.changes.find(key.name);
    if (found == stack.changes.end()) continue;
    Resolved resolved = interpolator.resolve(found->first);
    if (resolved.secret) learn(key, resolved.value, settings.folder_);
    settings.settings_.emplace(found->first,
                               Settings::Setting{std::move(resolved.value), found->second.origin, resolved.secret});
  }
  return settings;
}

const Settings::Setting& Settings::at(std::string_view key) const {
  const auto found = settings_.find(key);
  if (found == settings_.end()) {
    throw Error(Cause::kConfiguration,
                fmt::format("Key '{}' not found in {}, environment '{}'", key, file_, environment_));
  }
  return found->second;
}

std::string Settings::get_string(std::string_view key) const { return to_display(at(key).value); }
std::string Settings::path(std::string_view key) const { return resolve(get_string(key)); }
std::string Settings::resolve(const std::string& location) const { return resolve_location(folder_, location); }
int64_t Settings::integer(std::string_view key) const { return at(key).value.get<int64_t>(); }
std::string Settings::origin(std::string_view key) const { return at(key).origin; }

int64_t Settings::bytes(std::string_view key) const {
  const auto& value = at(key).value;
  return value.is_string() ? text::parse_bytes(value.get_ref<const std::string&>()) : value.get<int64_t>();
}

std::optional<std::chrono::seconds> Settings::duration(std::string_view key) const {
  return parse_duration(get_string(key));
}

std::vector<Entry> Settings::entries() const {
  std::vector<Entry> out;
  for (const auto& key : known_keys()) {
    const auto& setting = at(key.name);
    const std::string name(key.name);
    const std::string value = key.type == ValueType::kLocation ? path(name) : get_string(name);
    out.push_back({name, mask(value, setting.secret), setting.origin});
  }
  return out;
}

}  // namespace metl::config
