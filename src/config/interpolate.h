// Fills in "@format" templates: {env[HOME]} and {this.data.raw.location}.
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
  // Both must outlive this.
  Interpolator(const std::map<std::string, Change, std::less<>>& changes,
               const std::map<std::string, std::string>& variables)
      : changes_(changes), variables_(variables) {}

  // The value of a setting that has one. Throws Error{kConfig}, with the setting's origin, for a variable or setting
  // that does not exist, a template that is none, or one that leads back to itself.
  Resolved resolve(const std::string& key);

 private:
  Resolved fill(const std::string& format);
  Resolved field(const std::string& name);

  const std::map<std::string, Change, std::less<>>& changes_;
  const std::map<std::string, std::string>& variables_;
  std::set<std::string> open_;  // settings whose templates are being filled in
};

}  // namespace metl::config
