#include "pipeline/definition.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/location.h"
#include "base/text.h"
#include "base/yaml.h"
#include "pipeline/transform.h"
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

// A mapping of pipeline.yaml whose keys are all known.
class Section {
 public:
  Section(const std::string& file, const yaml::Node& node, std::string path, const std::vector<std::string>& known)
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

  yaml::Node required(const std::string& key) const {
    const yaml::Node value = node_[key];
    if (!value.is_defined()) throw yaml::error_at(file_, node_, fmt::format("Key '{}' not found", named(key)));
    return value;
  }
  yaml::Node optional(const std::string& key) const { return node_[key]; }

  std::string text(const std::string& key) const {
    const yaml::Node value = required(key);
    if (!value.is_scalar() || value.text().empty())
      throw yaml::error_at(file_, value, fmt::format("'{}' must be a text", named(key)));
    return value.text();
  }

  yaml::PlacedText placed(const std::string& key) const {
    return {text(key), fmt::format("{}: {}", to_text(yaml::place_in(file_, required(key))), named(key))};
  }

  // A file that lies in `home`, if it is there.
  std::string file(const fs::path& home, const std::string& key) const {
    const fs::path path = home / text(key);
    std::error_code failed;
    if (fs::exists(path, failed)) return path;
    throw yaml::error_at(file_, required(key),
                         fmt::format("'{}' names {}, which {}", named(key), path.string(),
                                     failed ? "cannot be looked at: " + failed.message() : "does not exist"));
  }

  // One of a fixed set of words; the first when the key is absent.
  size_t choice(const std::string& key, const std::vector<std::string>& words) const {
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

  // A list of columns that `columns` declares.
  std::vector<std::string> columns_of(const std::string& key, const Schema& columns) const {
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

  // Names and texts.
  std::map<std::string, std::string> texts(const std::string& key) const {
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

  // "name: type" or "name: {type: ..., comment: ...}", in order.
  Schema schema(const std::string& key) const {
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
        if (column.optional("comment").is_defined()) comment = column.text("comment");
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

 private:
  std::string named(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

  const std::string& file_;
  yaml::Node node_;
  std::string path_;
};

// The folder of a day below the raw location: one for each day, and nothing above it.
std::string source_path(const std::string& file, const Section& source) {
  const std::string written = source.text("path");
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw yaml::error_at(file, source.required("path"), fmt::format("source.path '{}': {}", written, what), hint);
  };
  const std::vector<std::string> known{"yyyy", "MM", "dd"};
  const std::string example = "A day's folder is written like {yyyy}/{MM}/{dd}.";
  size_t begin = written.find_first_not_of('/');
  const size_t end = written.find_last_not_of('/');
  const std::string path = begin == std::string::npos ? "" : written.substr(begin, end + 1 - begin);
  for (begin = path.find_first_of("{}"); begin != std::string::npos; begin = path.find_first_of("{}", begin + 1)) {
    const size_t close = path.find('}', begin);
    if (path[begin] == '}' || close == std::string::npos) refuse("a brace without its other half", example);
    const std::string name = path.substr(begin + 1, close - begin - 1);
    if (std::find(known.begin(), known.end(), name) == known.end())
      refuse(fmt::format("unknown placeholder '{{{}}}'.{}", name, text::did_you_mean(name, known)), example);
    begin = close;
  }
  for (const auto& name : known) {
    if (path.find("{" + name + "}") == std::string::npos)
      refuse(fmt::format("has no {{{}}}, so several days would be read from one folder", name), example);
  }
  for (const auto& part : text::split(path, '/')) {
    if (part.empty() || part == "." || part == "..") refuse(fmt::format("'{}' is no folder's name", part), example);
  }
  return path;
}

}  // namespace

std::vector<std::string> pipeline_names(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (fs::exists(entry.path() / "pipeline.yaml", failed)) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Schema Definition::staged_columns() const {
  Schema out;
  for (const auto& column : target_columns) {
    if (column.name != partition_column) out.push_back(column);
  }
  return out;
}

Definition load_definition(const std::string& folder, const std::string& name) {
  const fs::path home = fs::path(folder) / name;
  Definition out;
  out.name = name;
  out.file = home / "pipeline.yaml";
  if (!fs::exists(out.file)) {
    const auto known = pipeline_names(folder);
    throw Error(
        Cause::kConfiguration,
        fmt::format("there is no pipeline '{}': {} does not exist.{}", name, out.file, text::did_you_mean(name, known)),
        known.empty() ? fmt::format("No pipelines were found in {}; set pipelines.location.", folder)
                      : fmt::format("Pipelines in {}: {}.", folder, fmt::join(known, ", ")));
  }
  const yaml::Node root = yaml::load_file(out.file);
  const Section top(out.file, root, "",
                    {"source", "on_empty_input", "dedupe", "transform", "target", "checks", "gate"});

  const Section source(out.file, top.required("source"), "source", {"location", "path", "columns"});
  if (source.optional("location").is_defined()) {
    out.source.location = source.placed("location");
    require_known_location(out.source.location->place, out.source.location->text);
  }
  out.source.file = out.file;
  out.source.path = source_path(out.file, source);
  out.source.columns = source.schema("columns");
  out.source.on_empty_input = static_cast<source::EmptyInput>(top.choice("on_empty_input", {"fail", "keep", "clear"}));
  if (top.optional("dedupe").is_defined()) {
    const Section dedupe(out.file, top.required("dedupe"), "dedupe", {"key", "order"});
    out.dedupe =
        engine::Dedupe{dedupe.columns_of("key", out.source.columns), dedupe.columns_of("order", out.source.columns)};
  }
  out.transform_file = top.file(home, "transform");
  out.transform = read_transform(out.transform_file);

  const Section target(out.file, top.required("target"), "target",
                       {"table", "columns", "partition", "cluster_by", "properties"});
  if (target.optional("table").is_defined()) {
    out.target_table = target.placed("table");
    if (!text::table_name_parts(out.target_table->text)) {
      throw yaml::error_at(out.file, target.required("table"),
                           fmt::format("'target.table' is '{}', which is not a table's name", out.target_table->text),
                           "Write <database>.<table>, each of letters, digits and '_'.");
    }
  }
  out.target_columns = target.schema("columns");
  out.partition_column = target.text("partition");
  const Field* partition = find_field(out.target_columns, out.partition_column);
  if (partition == nullptr || partition->type.kind != Type::Kind::kString) {
    throw yaml::error_at(
        out.file, target.required("partition"),
        fmt::format("partition column '{}' must be declared in target.columns as string", out.partition_column),
        "It holds the execution date as 'YYYY-MM-DD'.");
  }
  if (target.optional("cluster_by").is_defined())
    out.cluster_by = target.columns_of("cluster_by", out.staged_columns());
  if (target.optional("properties").is_defined()) out.properties = target.texts("properties");
  out.checks_file = top.file(home, "checks");
  out.gate = static_cast<Gate>(top.choice("gate", {"before_publish", "after_publish"}));
  return out;
}

}  // namespace metl::pipeline
