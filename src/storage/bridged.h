// Calls into the bridge, whose errors become ours. Of src/storage and src/table alone.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "movies_etl_bridge/src/lib.rs.h"
#include "rust/cxx.h"

namespace metl::storage {

inline void log_notes() {
  for (const rust::String& note : bridge::take_notes()) log::warning("{}", std::string(note));
}

// "message", "message\nhint", and behind a mark the cause (bridge/src/fault.rs).
inline Error fault_of(std::string text) {
  Cause cause = Cause::kFailed;
  if (const size_t mark = text.find('\x1f'); mark != std::string::npos) {
    const size_t end = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", mark + 1), text.size());
    cause = cause_named(std::string_view(text).substr(mark + 1, end - mark - 1));
    text.erase(mark, end - mark);
  }
  const size_t end = text.find('\n');
  return {cause, text.substr(0, end), end == std::string::npos ? "" : text.substr(end + 1)};
}

template <typename Call>
auto bridged(Call call) {
  struct Noting {
    ~Noting() { log_notes(); }
  };
  try {
    const Noting noting;
    return call();
  } catch (const rust::Error& error) {
    throw fault_of(error.what());
  }
}

inline rust::Vec<bridge::Pair> pairs(const std::map<std::string, std::string>& map) {
  rust::Vec<bridge::Pair> result;
  for (const auto& [key, value] : map) result.push_back({key, value});
  return result;
}

template <typename Item>
rust::Slice<const Item> slice(const rust::Vec<Item>& items) {
  return {items.data(), items.size()};
}

}  // namespace metl::storage
