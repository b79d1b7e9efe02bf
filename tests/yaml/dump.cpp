// What base/yaml.h reads of files, for the comparison with another reader (tests/cli/test_yaml_reader.py): the paths
// stand on standard input, one a line; each gives a line of JSON, {"error": ...} or {"document": ...}. A scalar is
// [text, quoted], a mapping {"map": [[key, value], ...]}.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/yaml.h"

namespace {

using nlohmann::json;

json tree_of(const metl::yaml::Node& node) {
  if (node.is_scalar()) return json::array({node.text(), node.is_quoted()});
  if (node.is_null()) return nullptr;
  json items = json::array();
  if (node.is_sequence()) {
    for (const auto& item : node) items.push_back(tree_of(item));
    return {{"list", items}};
  }
  for (const auto& entry : node) items.push_back(json::array({tree_of(entry.first), tree_of(entry.second)}));
  return {{"map", items}};
}

json result_of(const std::string& path) {
  try {
    return {{"document", tree_of(metl::yaml::load_file(path))}};
  } catch (const metl::Error& e) {
    return {{"error", e.message()}};
  }
}

}  // namespace

int main() {
  for (std::string path; std::getline(std::cin, path);) fmt::print("{}\n", result_of(path).dump());
}
