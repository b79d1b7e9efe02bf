#include "config/interpolate.h"

#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/secrets.h"
#include "base/text.h"
#include "config/keys.h"

namespace metl::config {

Resolved Interpolator::resolve(const std::string& key) {
  const auto found = changes_.find(key);
  if (found == changes_.end()) throw Error(Cause::kConfiguration, fmt::format("Key '{}' not found", key));
  const Change& change = found->second;
  if (!change.value->is_lazy()) return {change.value->value, change.secret};
  if (!open_.insert(key).second) throw Error(Cause::kConfiguration, fmt::format("'{}' refers to itself", key));
  try {
    Resolved resolved = value_of(*change.value);
    resolved.secret = resolved.secret || change.secret;
    if (!change.value->cast.empty()) resolved.value = convert(change.value->cast, to_display(resolved.value));
    if (const Key* known = find_key(key)) {
      if (known->type == ValueType::kText && resolved.value.is_number()) resolved.value = to_display(resolved.value);
      check_value(*known, resolved.value, resolved.secret);
    }
    open_.erase(key);
    return resolved;
  } catch (const Error& e) {
    throw e.within(change.origin);
  }
}

Resolved Interpolator::value_of(const TypedValue& given) {
  const std::string text = given.value.get<std::string>();
  if (given.is_get) return other(text);
  return given.is_file ? file(text) : fill(text);
}

// "KEY DEFAULT"
Resolved Interpolator::other(const std::string& text) {
  const size_t space = text.find(' ');
  const std::string key = dotted(text.substr(0, space));
  if (changes_.contains(key)) return resolve(key);
  if (space == std::string::npos) throw Error(Cause::kConfiguration, fmt::format("Key '{}' not found", key));
  return {parse_toml_text(text.substr(space + 1)).value, false};
}

// "PATH DEFAULT". What a file holds is taken for a secret, as those of Docker and Kubernetes are.
Resolved Interpolator::file(const std::string& text) {
  const size_t space = text.find(' ');
  const std::string path = (std::filesystem::path(folder_) / text.substr(0, space)).lexically_normal().string();
  std::optional<std::string> content;
  std::error_code unknown;
  if (std::filesystem::is_regular_file(path, unknown)) content = files::read(path);
  if (!content && space != std::string::npos) return {text.substr(space + 1), false};
  if (!content) {
    throw Error(Cause::kConfiguration,
                fmt::format("the file {} cannot be read: no such file, or no right to read it", path),
                "@read_file looks for it from the folder of the config file; a default may stand behind the path.");
  }
  if (content->ends_with('\n')) content->pop_back();  // as editors and `echo` end a file
  if (content->ends_with('\r')) content->pop_back();
  secrets::know(*content);
  return {*content, true};
}

Resolved Interpolator::fill(const std::string& format) {
  std::string out;
  bool secret = false;
  for (size_t at = 0; at < format.size(); ++at) {
    const char c = format[at];
    if ((c == '{' || c == '}') && at + 1 < format.size() && format[at + 1] == c) {
      out += c;  // {{ and }} stand for one brace
      ++at;
    } else if (c == '{') {
      const size_t end = format.find('}', at);
      if (end == std::string::npos) throw Error(Cause::kConfiguration, "a '{' of the template is not closed");
      const Resolved part = field(format.substr(at + 1, end - at - 1));
      out += to_display(part.value);
      secret = secret || part.secret;
      at = end;
    } else {
      out += c;
    }
  }
  return {out, secret};
}

Resolved Interpolator::field(const std::string& name) {
  if (name.starts_with("env[") && name.ends_with(']')) {
    std::string variable = name.substr(4, name.size() - 5);
    std::erase_if(variable, [](char c) { return c == '\'' || c == '"'; });
    const auto found = variables_.find(variable);
    if (found == variables_.end()) {
      throw Error(Cause::kConfiguration, fmt::format("the environment has no variable {}", variable),
                  fmt::format("Set {}, or take it out of the template.", variable));
    }
    const bool secret = secrets::named(variable);
    if (secret) secrets::know(found->second);
    return {found->second, secret};
  }
  if (name.starts_with("this.") || name.starts_with("this[")) {
    const std::string key = dotted(std::string_view(name).substr(4));
    return key == "current_env" ? Resolved{environment_, false} : resolve(key);
  }
  throw Error(Cause::kConfiguration, fmt::format("'{{{}}}' means nothing in a template", name),
              "Use {env[NAME]} or {this.data.raw.location}.");
}

}  // namespace metl::config
