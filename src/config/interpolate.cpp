#include "config/interpolate.h"

#include "base/error.h"
#include "base/text.h"
#include "config/keys.h"

namespace metl::config {

Resolved Interpolator::resolve(const std::string& key) {
  const auto found = changes_.find(key);
  if (found == changes_.end()) throw Error(ExitCode::kConfig, fmt::format("Key '{}' not found", key));
  const Change& change = found->second;
  if (!change.value->is_format) return {change.value->value, change.secret};
  if (!open_.insert(key).second) throw Error(ExitCode::kConfig, fmt::format("'{}' refers to itself", key));
  try {
    Resolved resolved = fill(change.value->value.get<std::string>());
    resolved.secret = resolved.secret || change.secret;
    if (!change.value->cast.empty()) resolved.value = convert(change.value->cast, resolved.value.get<std::string>());
    check_value(require_key(key), resolved.value, resolved.secret);
    open_.erase(key);
    return resolved;
  } catch (const Error& e) {
    throw e.within(change.origin);
  }
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
      if (end == std::string::npos) throw Error(ExitCode::kConfig, "a '{' of the template is not closed");
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
    const std::string variable = name.substr(4, name.size() - 5);
    const auto found = variables_.find(variable);
    if (found == variables_.end()) {
      throw Error(ExitCode::kConfig, fmt::format("the environment has no variable {}", variable),
                  fmt::format("Set {}, or take it out of the template.", variable));
    }
    return {found->second, names_a_secret(variable)};
  }
  if (name.starts_with("this.")) return resolve(text::to_lower(name.substr(5)));
  throw Error(ExitCode::kConfig, fmt::format("'{{{}}}' means nothing in a template", name),
              "Use {env[NAME]} or {this.data.raw.location}.");
}

}  // namespace metl::config
