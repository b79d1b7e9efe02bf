// When a day has landed whole, as far as that can be seen from outside: files come one after the other, and a day that
// is read too early is published without the rest.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "source/landing.h"

namespace metl::source {

// All that is said must hold; nothing said: what lies there is the day.
struct Readiness {
  std::string file = {};              // that whoever writes the day adds last, by its name in the folder
  int64_t min_files = 0;              // of data
  std::chrono::seconds quiet_for{0};  // since the newest of them was written, by the clock of their store
};

// What keeps a day from being ready, for people; "" when it is. Throws Error.
std::string missing_of(const Readiness& wanted, const std::string& folder, const Landing& landing,
                       std::chrono::system_clock::time_point now);

}  // namespace metl::source
