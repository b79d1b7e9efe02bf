// Short names of checks and metrics that stay the same from scan to scan, computed as Soda Core does.
#pragma once

#include <string>
#include <string_view>

namespace metl::quality {

// 8 hexadecimal digits: BLAKE2b (RFC 7693) of 4 bytes.
std::string short_hash(std::string_view text);

}  // namespace metl::quality
