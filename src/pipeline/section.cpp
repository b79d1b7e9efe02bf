#include "pipeline/section.h"

#include <algorithm>
#include <charconv>

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "sql/names.h"

namespace metl::pipeline {
namespace fs = std::filesystem;
namespace {

// A column's name: none of the engines' own, none that cannot be written in SQL.
void require_column_name(const std::string& file, const yaml::Node& key, const std::string& name) {
  const bool has_control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (name.empty() || has_control)
    throw yaml::error_at(file, key, "a column's name must have letters, and no control characters");
  if (text::to_lower(name).starts_with(sql::kReservedPrefix)) {
    throw yaml::error_at(
        file, key,
        fmt::format("column '{}': names that begin with '{}' are the program's own", name, sql::kReservedPrefix),
        "Give the column another name.");
  }
}

}  // namespace

Section::Section(const std::string& file, const yaml::Node& node, std::string path,
                 const std::vector<std::string>& known)
    : file_(file), node_(node), path_(std::move(path)) {
  if (!node_.is_map())
    throw yaml::error_at(file_, node_, fmt::format("'{}' must be a mapping", path_.empty() ? "the pipeline" : path_));
  for (const auto& entry : node_) {
    const std::string& key = entry.first.text();
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw yaml::error_at(file_, entry.first,
                         fmt::format("unknown key '{}'.{}", named(key), text::did_you_mean(key, known)),
                         fmt::format("Known keys here: {}.", fmt::join(known, ", ")));
  }
}

yaml::Node Section::required(const std::string& key) const {
  const yaml::Node value = node_[key];
  if (!value.is_defined()) throw yaml::error_at(file_, node_, fmt::format("Key '{}' not found", named(key)));
  return value;
}

std::string Section::text(const std::string& key) const {
  const yaml::Node value = required(key);
  if (!value.is_scalar() || value.text().empty())
    throw yaml::error_at(file_, value, fmt::format("'{}' must be a text", named(key)));
  return value.text();
}

int64_t Section::count(const std::string& key) const {
  const std::string written = text(key);
  int64_t value = 0;
  const auto [end, failed] = std::from_chars(written.data(), written.data() + written.size(), value);
  if (failed == std::errc() && end == written.data() + written.size() && value > 0) return value;
  throw yaml::error_at(file_, required(key),
                       fmt::format("'{}' must be a number from 1 up, not '{}'", named(key), written));
}

std::chrono::seconds Section::duration(const std::string& key) const {
  const std::string written = text(key);
  if (const auto parsed = parse_duration(written)) return *parsed;
  throw yaml::error_at(file_, required(key), fmt::format("'{}' is '{}', which is not a duration", named(key), written),
                       "Write one such as 90s, 30m, 2h or 1d.");
}

yaml::PlacedText Section::placed(const std::string& key) const {
  return {text(key), fmt::format("{}: {}", to_text(yaml::place_in(file_, required(key))), named(key))};
}

std::string Section::file(const fs::path& home, const std::string& key) const {
  const fs::path path = home / text(key);
  std::error_code failed;
  if (fs::exists(path, failed)) return path;
  throw yaml::error_at(file_, required(key),
                       fmt::format("'{}' names {}, which {}", named(key), path.string(),
                                   failed ? "cannot be looked at: " + failed.message() : "does not exist"));
}

size_t Section::choice(const std::string& key, const std::vector<std::string>& words) const {
  const yaml::Node value = optional(key);
  if (!value.is_defined()) return 0;
  const std::string word = value.is_scalar() ? value.text() : "";
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) {
    throw yaml::error_at(file_, value,
                         fmt::format("'{}' must be one of {}, not '{}'.{}", named(key), fmt::join(words, ", "), word,
                                     text::did_you_mean(word, words)));
  }
  return static_cast<size_t>(found - words.begin());
}

std::vector<std::string> Section::columns_of(const std::string& key, const Schema& columns) const {
  std::vector<std::string> names, known;
  for (const auto& column : columns) known.push_back(column.name);
  const yaml::Node list = required(key);
  if (!list.is_sequence() || list.size() == 0)
    throw yaml::error_at(file_, list, fmt::format("'{}' must be a list of columns", named(key)));
  for (const auto& item : list) {
    const std::string name = item.is_scalar() ? item.text() : "";
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw yaml::error_at(file_, item,
                           fmt::format("'{}' names column '{}', which is not declared.{}", named(key), name,
                                       text::did_you_mean(name, known)));
    }
    names.push_back(name);
  }
  return names;
}

std::map<std::string, std::string> Section::texts(const std::string& key) const {
  const yaml::Node all = required(key);
  if (!all.is_map()) throw yaml::error_at(file_, all, fmt::format("'{}' must map names to texts", named(key)));
  std::map<std::string, std::string> out;
  for (const auto& entry : all) {
    if (!entry.second.is_scalar()) {
      throw yaml::error_at(file_, entry.first, fmt::format("'{}.{}' must be a text", named(key), entry.first.text()));
    }
    out[entry.first.text()] = entry.second.text();
  }
  return out;
}

Schema Section::schema(const std::string& key) const {
  const yaml::Node columns = required(key);
  if (!columns.is_map() || columns.size() == 0)
    throw yaml::error_at(file_, columns, fmt::format("'{}' must map columns to types", named(key)));
  Schema out;
  for (const auto& entry : columns) {
    const std::string& name = entry.first.text();
    std::string comment;
    yaml::Node type = entry.second;
    if (entry.second.is_map()) {
      const Section column(file_, entry.second, named(key) + "." + name, {"type", "comment"});
      type = column.required("type");
      if (column.has("comment")) comment = column.text("comment");
    }
    const auto parsed = type.is_scalar() ? parse_type(type.text()) : std::nullopt;
    if (!parsed) {
      throw yaml::error_at(
          file_, type, fmt::format("column '{}': '{}' is not a type", name, type.is_scalar() ? type.text() : "?"),
          "Types have Spark's names: bigint, int, float, double, boolean, string, date, timestamp, decimal(p,s), "
          "array<...>, struct<name:type,...>, map<k,v>.");
    }
    require_column_name(file_, entry.first, name);
    if (find_field(out, name) != nullptr)
      throw yaml::error_at(file_, entry.first, fmt::format("column '{}' is declared twice", name));
    out.push_back({name, *parsed, true, comment});
  }
  return out;
}

}  // namespace metl::pipeline
