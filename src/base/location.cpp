#include "base/location.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"

namespace metl {
namespace {

constexpr std::array<std::string_view, 4> kSchemes{"s3", "abfss", "az", "gs"};
constexpr std::string_view kSeparator = "://";

}  // namespace

std::string scheme_of(std::string_view location) {
  const size_t end = location.find(kSeparator);
  const auto is_part = [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.'; };
  const bool valid = end != std::string_view::npos && end > 0 &&
                     std::all_of(location.begin(), location.begin() + static_cast<std::ptrdiff_t>(end), is_part);
  return valid ? std::string(location.substr(0, end)) : "";
}

bool is_remote(std::string_view location) { return !scheme_of(location).empty(); }

void require_known_location(std::string_view what, std::string_view location) {
  const std::string scheme = scheme_of(location);
  if (scheme.empty()) return;
  if (std::find(kSchemes.begin(), kSchemes.end(), scheme) == kSchemes.end()) {
    throw Error(ExitCode::kConfig, fmt::format("{} is {}: no store is known for {}://", what, location, scheme),
                "Give a local path, s3://bucket/folder, abfss://container@account.dfs.core.windows.net/folder, "
                "az://container/folder or gs://bucket/folder.");
  }
  const std::string_view rest = location.substr(scheme.size() + kSeparator.size());
  if (rest.empty() || rest.starts_with('/')) {
    throw Error(ExitCode::kConfig, fmt::format("{} is {}, which names no bucket", what, location),
                fmt::format("Write {}://bucket/folder.", scheme));
  }
}

}  // namespace metl
