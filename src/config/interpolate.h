// Fills in what depends on other things: "@format" templates with {env[HOME]}, {this.data.raw.location} and
// {this.current_env}; "@get KEY DEFAULT"; "@read_file PATH DEFAULT".
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "config/layer.h"

namespace metl::config {

struct Resolved {
  nlohmann::json value;
  bool secret = false;  // the setting's own, or of something that the template names
};

class Interpolator {
 public:
  // All must outlive this. Files of @read_file are looked for from `folder` on.
  Interpolator(const std::map<std::string, Change, std::less<>>& changes,
               const std::map<std::string, std::string>& variables, const std::string& environment,
               const std::string& folder)
      : changes_(changes), variables_(variables), environment_(environment), folder_(folder) {}

  // The value of a setting that has one. Throws Error{kConfiguration}, with the setting's origin, for a variable or
  // setting that does not exist, a template that is none, or one that leads back to itself.
  Resolved resolve(const std::string& key);

 private:
  Resolved value_of(const TypedValue& given);
  Resolved fill(const std::string& format);
  Resolved other(const std::string& text);
  Resolved file(const std::string& text);
  Resolved field(const std::string& name);

  const std::map<std::string, Change, std::less<>>& changes_;
  const std::map<std::string, std::string>& variables_;
  const std::string& environment_;
  const std::string& folder_;
  std::set<std::string> open_;  // settings whose templates are being filled in
};

}  // namespace metl::config
