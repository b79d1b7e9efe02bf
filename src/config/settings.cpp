#include "config/settings.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/location.h"
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
      const std::string below = change.key + ".";
      std::erase_if(changes, [&](const auto& entry) {
        if (!entry.first.starts_with(below)) return false;
        forgotten.insert_or_assign(entry.first, change.origin);
        return true;
      });
    }
  }
};

std::vector<SectionFile> read_files(const std::string& main_file) {
  if (!fs::exists(main_file)) {
    throw Error(ExitCode::kConfig, fmt::format("Provided config file '{}' does not exist", main_file),
                "Name another one with --config-file-path.");
  }
  std::vector<SectionFile> files{read_sections(main_file, false)};
  if (const std::string local = local_sibling(main_file); fs::exists(local))
    files.push_back(read_sections(local, false));
  const std::string secrets = (fs::path(main_file).parent_path() / ".secrets.yaml").string();
  if (fs::exists(secrets)) files.push_back(read_sections(secrets, true));
  return files;
}

std::string choose_environment(const LoadRequest& request, const std::vector<SectionFile>& files) {
  std::string wanted = request.environment;
  if (wanted.empty()) {
    const auto variable = request.variables.find("ENV_FOR_DYNACONF");
    wanted = variable == request.variables.end() || variable->second.empty() ? "development" : variable->second;
  }
  wanted = text::to_lower(wanted);
  std::vector<std::string> names;
  for (const auto& file : files) {
    for (const auto& [name, layer] : file.sections) {
      if (name != "default" && name != "global" && std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
  throw Error(ExitCode::kConfig,
              fmt::format("{}: unknown environment '{}'.{}", request.file, wanted, text::did_you_mean(wanted, names)),
              names.empty() ? "The file has no environment yet: add a section 'development:'."
                            : fmt::format("Environments of the file: {}.", fmt::join(names, ", ")));
}

Error key_not_found(std::string_view key, const std::string& file, const std::string& environment, const Stack& stack) {
  const auto forgotten = stack.forgotten.find(key);
  return {
      ExitCode::kConfig, fmt::format("Key '{}' not found in {}, environment '{}'", key, file, environment),
      forgotten == stack.forgotten.end()
          ? fmt::format("Set it there, as a variable, or with --set {}=...", key)
          : fmt::format("{} replaces everything that stood below that group; 'dynaconf_merge: true' at the top of that "
                        "file would add to it.",
                        forgotten->second)};
}

}  // namespace

Settings load(const LoadRequest& request) {
  const std::vector<SectionFile> files = read_files(request.file);
  Settings settings;
  settings.file_ = request.file;
  settings.folder_ = fs::absolute(request.file).parent_path().lexically_normal().string();
  settings.environment_ = choose_environment(request, files);

  Stack stack;
  for (const auto& file : files) {
    for (const std::string& section : {std::string("default"), settings.environment_, std::string("global")}) {
      if (const auto found = file.sections.find(section); found != file.sections.end()) stack.apply(found->second);
    }
  }
  stack.apply(read_variables(request.variables));
  stack.apply(read_overrides(request.overrides));
  for (const auto& key : known_keys()) {
    if (key.default_text && !stack.changes.contains(key.name)) {
      const std::string name(key.name);
      stack.changes.emplace(name, Change{name, parse_toml_text(*key.default_text), "default", key.secret});
    }
  }

  Interpolator interpolator(stack.changes, request.variables);
  for (const auto& key : known_keys()) {
    const auto found = stack.changes.find(key.name);
    if (found == stack.changes.end()) throw key_not_found(key.name, request.file, settings.environment_, stack);
    Resolved resolved = interpolator.resolve(found->first);
    settings.settings_.emplace(found->first,
                               Settings::Setting{std::move(resolved.value), found->second.origin, resolved.secret});
  }
  return settings;
}

const Settings::Setting& Settings::at(std::string_view key) const {
  const auto found = settings_.find(key);
  if (found == settings_.end()) {
    throw Error(ExitCode::kConfig, fmt::format("Key '{}' not found in {}, environment '{}'", key, file_, environment_));
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
