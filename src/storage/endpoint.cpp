#include "storage/endpoint.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace metl {
namespace {

bool is_host_letter(unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_'; }

}  // namespace

std::string header_fault(std::string_view value) {
  if (value.ends_with('\n') || value.ends_with('\r')) return "ends in a line break";
  for (const unsigned char c : value) {
    if (c == '\n' || c == '\r') return "has a line break in it";
    if (c < 0x20 || c == 0x7f) return "has a control character in it";
    if (c >= 0x80) return "has a letter in it that is not ASCII";
  }
  if (value.starts_with(' ') || value.ends_with(' ')) return "begins or ends with a space";
  return {};
}

std::string address_fault(std::string_view address) {
  if (const std::string fault = header_fault(address); !fault.empty()) return fault;
  if (address.find('@') != std::string_view::npos) return "has a user or password in it, which has no place there";
  std::string_view host = address.substr(0, address.find(':'));
  if (address.starts_with('[')) {
    const size_t close = address.find(']');
    if (close == std::string_view::npos) return "has a '[' that is never closed";
    host = address.substr(0, close + 1);
    const std::string_view inside = host.substr(1, close - 1);
    if (inside.find(':') == std::string_view::npos ||
        inside.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
      return "has no IPv6 address between '[' and ']'";
  } else if (!std::all_of(host.begin(), host.end(), is_host_letter)) {
    return "has a host with a letter that no host's name has";
  }
  if (host.empty()) return "names no host";
  const std::string_view rest = address.substr(host.size());
  if (rest.empty()) return {};
  int port = 0;
  const auto [end, failed] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), port);
  const bool number = rest[0] == ':' && failed == std::errc() && end == rest.data() + rest.size();
  return number && port >= 1 && port <= 65535 ? "" : "has a port that is not a number from 1 to 65535";
}

std::string endpoint_fault(std::string_view url) {
  if (const std::string fault = header_fault(url); !fault.empty()) return fault;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    if (rest.find_first_of("?# ") != std::string_view::npos) return "has more than a host, a port and a path";
    return address_fault(rest.substr(0, rest.find('/')));
  }
  return "is not a URL: it begins neither with https:// nor with http://";
}

void require_sendable(std::string_view what, std::string_view value) {
  const std::string fault = header_fault(value);
  if (fault.empty()) return;
  throw Error(Cause::kConfiguration, fmt::format("{} {}", what, fault),
              fault.find("line break") != std::string::npos
                  ? "A secret that `echo` wrote ends in one: write it with printf '%s', or without the break."
                  : "It cannot be sent like that: check how the value came there.");
}

}  // namespace metl
