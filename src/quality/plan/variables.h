// ${variables} in the texts of a checks file.
//
// Known are: what the scan was given, the process's environment, what files declare under `variables:`, and NOW. A name
// is looked up in this order. In compat mode, as in Soda Core, the environment comes first, then what files declare.
// Not by default, because then an exported `run_date` of the caller's shell would silently move the gate to another
// day, and what is typed would give way to a default.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "quality/model/ast.h"

namespace metl::quality {

class Variables {
 public:
  Variables(std::map<std::string, std::string> given, std::chrono::system_clock::time_point now, bool compat);

  // A file's default value for a name; its own ${variables} are filled in. Throws Problem.
  void declare(const std::string& name, const Text& value);

  // A variable of a `for each` section, stronger than everything else; nothing removes it.
  void bind(const std::string& name, const std::string& value) { bound_ = {name, value}; }
  void unbind() { bound_ = {}; }

  // The same variables for naming what is measured: one whose value is a time stays "${run_date}", as it moves from
  // scan to scan while the measured thing is the same.
  Variables without_times() const;

  std::optional<std::string> find(const std::string& name) const;

  // `text` with every ${name} and ${env_var('NAME', 'default')} filled in, once: what a value holds is not looked at
  // again. Throws Problem for an undefined name, unless compat, where it becomes nothing.
  std::string fill(const std::string& text, const Location& at) const;
  std::string fill(const Text& text) const { return fill(text.text, text.at); }

 private:
  std::string evaluate(std::string_view expression, const Location& at) const;

  std::map<std::string, std::string> given_;
  std::map<std::string, std::string> declared_;
  std::pair<std::string, std::string> bound_;
  bool compat_;
  bool times_stay_ = false;
};

}  // namespace metl::quality
