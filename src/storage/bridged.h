// Calls into the bridge: its error text is "message" or "message\nhint". Of src/storage and src/table alone.
#pragma once

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

template <typename Call>
auto bridged(Call call) {
  struct Noting {
    ~Noting() { log_notes(); }
  };
  try {
    const Noting noting;
    return call();
  } catch (const rust::Error& error) {
    const std::string text = error.what();
    const size_t end = text.find('\n');
    throw Error(Cause::kFailed, text.substr(0, end), end == std::string::npos ? "" : text.substr(end + 1));
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
