// What a command found out about settings and pipelines, one thing after the other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/stop.h"

namespace metl::cli {

enum class Outcome { kWorks, kFails, kNotTried };

struct Finding {
  std::string what;  // a setting, or what it leads to
  Outcome outcome = Outcome::kWorks;
  std::string says;  // what was found there, or why it was not tried
  std::optional<Error> error;
};

// Tries one thing after the other; none hides what follows.
class Findings {
 public:
  // `look` gives what was found, or throws. Whether it works.
  template <typename Look>
  bool add(std::string what, const Look& look) {
    stop::check();
    Finding out{std::move(what), Outcome::kWorks, "", std::nullopt};
    try {
      out.says = look();
    } catch (const Error& e) {
      if (e.cause() == Cause::kInterrupted || stop::requested()) throw;
      out.outcome = Outcome::kFails;
      out.error = e;
    }
    all_.push_back(std::move(out));
    return all_.back().outcome == Outcome::kWorks;
  }
  void leave_out(std::string what, std::string why) {
    all_.push_back({std::move(what), Outcome::kNotTried, std::move(why), std::nullopt});
  }

  // Prints them, as text or as one JSON document. The exit code of the first that does not work.
  int told(bool as_json) const;

 private:
  std::vector<Finding> all_;
};

}  // namespace metl::cli
