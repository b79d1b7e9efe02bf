#include "base/trouble.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"

namespace metl {
namespace {

// In lower case. The first that a message holds tells.
constexpr std::array kWords{
    std::pair{"no space left on device", Trouble::kNoSpace},
    std::pair{"disk quota exceeded", Trouble::kNoSpace},
    std::pair{"file too large", Trouble::kNoSpace},
    std::pair{"permission denied", Trouble::kNoRights},
    std::pair{"operation not permitted", Trouble::kNoRights},
    std::pair{"read-only file system", Trouble::kNoRights},
    std::pair{"too many open files", Trouble::kTooManyFiles},
    std::pair{"input/output error", Trouble::kBrokenStorage},
    std::pair{"i/o error", Trouble::kBrokenStorage},
    std::pair{"stale file handle", Trouble::kBrokenStorage},
    std::pair{"transport endpoint is not connected", Trouble::kBrokenStorage},
    std::pair{"out of memory error", Trouble::kNoMemory},
    std::pair{"cannot allocate memory", Trouble::kNoMemory},
    std::pair{"bad_alloc", Trouble::kNoMemory},
    std::pair{"could not allocate", Trouble::kNoMemory},
    std::pair{"failed to allocate", Trouble::kNoMemory},
    std::pair{"allocation failure", Trouble::kNoMemory},
    std::pair{"resource temporarily unavailable", Trouble::kNoThreads},
};

// DuckDB's names of errors that are neither the data's nor the query's.
constexpr std::array kKinds{"io error:", "out of memory error:", "http error:", "connection error:"};

}  // namespace

Trouble trouble_in(std::string_view message) {
  const std::string lower = text::to_lower(message);
  const auto found = std::find_if(kWords.begin(), kWords.end(),
                                  [&](const auto& word) { return lower.find(word.first) != std::string::npos; });
  return found == kWords.end() ? Trouble::kNone : found->second;
}

std::string_view advice(Trouble trouble) {
  switch (trouble) {
    case Trouble::kNone:
      return "";
    case Trouble::kNoSpace:
      return "Free some space there, or raise the quota or the limit of file sizes (ulimit -f), then run again.";
    case Trouble::kNoRights:
      return "Give this user the right to do that there, or run as a user who has it.";
    case Trouble::kNoMemory:
      return "Let it have more memory (--memory-limit, and what the machine or container allows), or use fewer "
             "--threads.";
    case Trouble::kNoThreads:
      return "The system starts no more threads: raise the limit (ulimit -u, the container's), or use fewer --threads.";
    case Trouble::kTooManyFiles:
      return "Raise the limit of open files (ulimit -n), or use fewer --threads.";
    case Trouble::kBrokenStorage:
      return "The disk or the network mount fails: see the system's log (dmesg). Once it works, run again.";
  }
  return "";
}

bool is_of_the_system(std::string_view message) {
  const std::string lower = text::to_lower(message);
  return trouble_in(lower) != Trouble::kNone || std::any_of(kKinds.begin(), kKinds.end(), [&](const char* kind) {
           return lower.find(kind) != std::string::npos;
         });
}

}  // namespace metl
