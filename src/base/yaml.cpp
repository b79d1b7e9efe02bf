#include "base/yaml.h"

#include <fstream>
#include <set>
#include <sstream>

#include "base/yaml_guard.h"

namespace metl::yaml {
namespace {

// yaml-cpp keeps both entries of a repeated key and finds the first: one of the two settings would silently do nothing.
void refuse_repeated_keys(const YAML::Node& node, const std::string& name) {
  if (node.IsMap()) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (entry.first.IsScalar() && !seen.insert(entry.first.Scalar()).second) {
        throw error_at(name, entry.first,
                       fmt::format("key '{}' stands twice in the same mapping", entry.first.Scalar()),
                       "Remove one of the two.");
      }
      refuse_repeated_keys(entry.second, name);
    }
  } else if (node.IsSequence()) {
    for (const auto& item : node) refuse_repeated_keys(item, name);
  }
}

}  // namespace

YAML::Node load_text(const std::string& text, const std::string& name) {
  refuse_unreadable_bytes(text, name);
  refuse_huge_yaml(text, name);
  try {
    YAML::Node node = YAML::Load(text);
    refuse_repeated_keys(node, name);
    return node;
  } catch (const YAML::Exception& e) {
    const std::string where =
        e.mark.is_null() ? name : fmt::format("{}:{}:{}", name, e.mark.line + 1, e.mark.column + 1);
    throw Error(ExitCode::kConfig, fmt::format("{}: not valid YAML: {}", where, e.msg));
  }
}

YAML::Node load_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf() || file.peek() == std::ifstream::traits_type::eof())) {
    throw Error(ExitCode::kInputMissing, fmt::format("{}: cannot be read: no such file, or no right to read it", path));
  }
  return load_text(text.str(), path);
}

std::string position(const std::string& file, const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? file : fmt::format("{}:{}:{}", file, mark.line + 1, mark.column + 1);
}

Error error_at(const std::string& file, const YAML::Node& node, std::string_view message, std::string hint) {
  return {ExitCode::kConfig, fmt::format("{}: {}", position(file, node), message), std::move(hint)};
}

}  // namespace metl::yaml
