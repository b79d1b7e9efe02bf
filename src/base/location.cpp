#include "base/location.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/error.h"
#include "base/unicode.h"

namespace metl {
namespace {

constexpr std::array<std::string_view, 4> kSchemes{"s3", "abfss", "az", "gs"};
constexpr std::string_view kSeparator = "://";
constexpr std::string_view kForms =
    "Give a local path, s3://bucket/folder, abfss://container@account.dfs.core.windows.net/folder, "
    "az://container/folder "
    "or gs://bucket/folder.";

bool is_letter(unsigned char c) { return std::isalpha(c) != 0; }

// The letters before a ':' that a '/' follows: "file" of "file:/lake", "hdfs" of "hdfs://host". "" where there are
// none.
std::string_view prefix_of(std::string_view location) {
  const size_t colon = location.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(location.front())) return "";
  const std::string_view prefix = location.substr(0, colon);
  const bool valid = std::all_of(prefix.begin(), prefix.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
  });
  return valid && location.substr(colon + 1).starts_with('/') ? prefix : "";
}

// "%LAKE%", as a Windows shell fills in.
bool has_percent_name(std::string_view location) {
  for (size_t at = location.find('%'); at != std::string_view::npos; at = location.find('%', at + 1)) {
    size_t end = at + 1;
    while (end < location.size() &&
           (std::isalnum(static_cast<unsigned char>(location[end])) != 0 || location[end] == '_'))
      ++end;
    if (end > at + 1 && end < location.size() && location[end] == '%' &&
        (is_letter(location[at + 1]) || location[at + 1] == '_'))
      return true;
  }
  return false;
}

// What in it waits to be replaced by something; "" for nothing.
std::string_view unfilled_part(std::string_view location) {
  for (const std::string_view part : {"$", "{{", "}}", "{%", "{env[", "{this", "<", ">"}) {
    if (location.find(part) != std::string_view::npos) return part;
  }
  if (has_percent_name(location)) return "%";
  return location.starts_with('~') ? "~" : "";
}

bool is_drive(std::string_view location) {
  return (location.size() >= 2 && is_letter(location[0]) && location[1] == ':') || location.starts_with("\\\\");
}

bool has_control_character(std::string_view location) {
  return std::any_of(location.begin(), location.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

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
  const auto refuse = [&](std::string_view why, std::string hint) {
    throw Error(Cause::kConfiguration, fmt::format("{} is {}: {}", what, text::printable(location), why),
                std::move(hint));
  };
  if (has_control_character(location)) refuse("it holds a line break or another control character", "Remove it.");
  if (location.starts_with(' ') || location.ends_with(' ')) refuse("it begins or ends with a blank", "Remove it.");
  if (const std::string_view part = unfilled_part(location); !part.empty()) {
    refuse(fmt::format("'{}' in it was never filled in", part),
           "Write the place itself. In a config file, '@format {env[NAME]}/raw' takes a variable of the environment.");
  }
  if (is_drive(location)) refuse("drives of Windows are not known here", std::string(kForms));
  const std::string_view prefix = prefix_of(location);
  if (location.find(kSeparator, prefix.size() + 1) != std::string_view::npos)
    refuse("a URL stands inside of it", "Give one place, a path or a URL.");
  if (prefix.empty()) return;
  if (prefix == "file") {
    const size_t path = location.find_first_not_of('/', prefix.size() + 1);
    refuse("a local path is written without a scheme",
           fmt::format("Write /{}.", path == std::string_view::npos ? "" : location.substr(path)));
  }
  if (std::find(kSchemes.begin(), kSchemes.end(), prefix) == kSchemes.end())
    refuse(fmt::format("no store is known for {}://", prefix), std::string(kForms));
  const std::string_view rest = location.substr(prefix.size() + 1);
  if (!rest.starts_with("//"))
    refuse("two slashes belong behind the scheme", fmt::format("Write {}://bucket/folder.", prefix));
  if (rest.size() == 2 || rest.substr(2).starts_with('/'))
    refuse("it names no bucket", fmt::format("Write {}://bucket/folder.", prefix));
}

}  // namespace metl
