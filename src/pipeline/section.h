// A mapping of pipeline.yaml, read key by key: each reader gives a value of the right kind or an error with its place.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/type.h"
#include "base/yaml.h"

namespace metl::pipeline {

// All methods throw Error{kConfiguration} with file:line:column. The file's name outlives this.
class Section {
 public:
  // `path` is the section's own, "target"; "" for the whole file. Each key must be one of `known`.
  Section(const std::string& file, const yaml::Node& node, std::string path, const std::vector<std::string>& known);

  yaml::Node required(const std::string& key) const;
  yaml::Node optional(const std::string& key) const { return node_[key]; }
  bool has(const std::string& key) const { return node_[key].is_defined(); }

  std::string text(const std::string& key) const;
  int64_t count(const std::string& key) const;                  // 1 or more
  std::chrono::seconds duration(const std::string& key) const;  // "10m"
  yaml::PlacedText placed(const std::string& key) const;

  // A file that lies in `home`, if it is there.
  std::string file(const std::filesystem::path& home, const std::string& key) const;

  // One of a fixed set of words; the first when the key is absent.
  size_t choice(const std::string& key, const std::vector<std::string>& words) const;

  // A list of columns that `columns` declares.
  std::vector<std::string> columns_of(const std::string& key, const Schema& columns) const;

  // Names and texts.
  std::map<std::string, std::string> texts(const std::string& key) const;

  // "name: type" or "name: {type: ..., comment: ...}", in order.
  Schema schema(const std::string& key) const;

  // "target.partition": the key as messages call it.
  std::string named(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

 private:
  const std::string& file_;
  yaml::Node node_;
  std::string path_;
};

}  // namespace metl::pipeline
