#include "storage/aws_profile.h"

#include <fmt/format.h>

#include <sstream>

#include "base/files.h"
#include "base/text.h"

namespace metl::storage {
namespace {

// Adds the entries of one section of an INI file. Indented lines belong to an entry with parts of its own (`s3 =`),
// which nothing here needs.
void add_section(const std::string& file, const std::string& section, std::map<std::string, std::string>& out) {
  std::istringstream lines(files::read(file).value_or(""));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    const bool indented = line.starts_with(' ') || line.starts_with('\t');
    const std::string text(text::trim(line));
    if (text.empty() || text.starts_with('#') || text.starts_with(';')) continue;
    if (text.starts_with('[')) {
      inside = text::trim(text.substr(1, text.find(']') - 1)) == section;
      continue;
    }
    const size_t equals = text.find('=');
    if (!inside || indented || equals == std::string::npos) continue;
    out.emplace(text::to_lower(text::trim(text.substr(0, equals))), text::trim(text.substr(equals + 1)));
  }
}

std::string value_or(const std::map<std::string, std::string>& variables, const char* name, const std::string& other) {
  const auto found = variables.find(name);
  return found == variables.end() || found->second.empty() ? other : found->second;
}

}  // namespace

std::map<std::string, std::string> read_aws_profile(const std::string& profile,
                                                    const std::map<std::string, std::string>& variables) {
  const std::string home = value_or(variables, "HOME", "");
  std::map<std::string, std::string> out;
  add_section(value_or(variables, "AWS_SHARED_CREDENTIALS_FILE", home + "/.aws/credentials"), profile, out);
  add_section(value_or(variables, "AWS_CONFIG_FILE", home + "/.aws/config"),
              profile == "default" ? profile : fmt::format("profile {}", profile), out);
  return out;
}

}  // namespace metl::storage
