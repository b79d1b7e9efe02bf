// JSON as this program writes it: a byte that is no UTF-8, which a file's name or a raw value may have, becomes U+FFFD
// where nlohmann's own dump() would throw.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace metl {

template <typename Json>
std::string on_one_line(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <typename Json>
std::string on_many_lines(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace metl
