#include "pipeline/definition.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/error.h"
#include "base/location.h"
#include "base/text.h"
#include "base/yaml.h"
#include "pipeline/made_of.h"
#include "pipeline/read_feed.h"
#include "pipeline/read_target.h"
#include "pipeline/section.h"
#include "pipeline/transform.h"
#include "sql/names.h"

namespace metl::pipeline {
namespace fs = std::filesystem;
namespace {

// The folder of a day below the raw location: one for each day, and nothing above it.
std::string source_path(const std::string& file, const Section& source) {
  const std::string written = source.text("path");
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw yaml::error_at(file, source.required("path"), fmt::format("source.path '{}': {}", written, what), hint);
  };
  const std::vector<std::string> known{"yyyy", "MM", "dd", "HH"};
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
  for (const auto& name : {"yyyy", "MM", "dd"}) {
    if (path.find(fmt::format("{{{}}}", name)) == std::string::npos)
      refuse(fmt::format("has no {{{}}}, so several days would be read from one folder", name), example);
  }
  for (const auto& part : text::split(path, '/')) {
    if (part.empty() || part == "." || part == "..") refuse(fmt::format("'{}' is not a folder's name", part), example);
  }
  return path;
}

// A key that is one character of a CSV file's grammar.
std::string character(const std::string& file, const Section& csv, const std::string& key, const std::string& usual) {
  if (!csv.has(key)) return usual;
  const std::string written = csv.text(key);
  const bool is_one =
      written.size() == 1 && static_cast<unsigned char>(written.front()) < 0x80 && written != "\n" && written != "\r";
  if (!is_one) {
    throw yaml::error_at(file, csv.required(key),
                         fmt::format("'{}' must be one ASCII character, not '{}'", csv.named(key), written),
                         "A tab is written \"\\t\", in double quotes.");
  }
  return written;
}

// The keys `format`, `csv` and `columns` of files.
source::Contents contents_of(const std::string& file, const Section& files) {
  using Format = engine::TextFormat;
  source::Contents out{files.schema("columns")};
  const size_t format = files.choice("format", {"parquet", "csv", "json"});
  if (format == 1) {
    out.text = Format{Format::Kind::kCsv};
    if (files.has("csv")) {
      const Section csv(file, files.required("csv"), files.named("csv"), {"delimiter", "quote", "null_value"});
      out.text->delimiter = character(file, csv, "delimiter", out.text->delimiter);
      out.text->quote = character(file, csv, "quote", out.text->quote);
      if (csv.has("null_value")) out.text->null = csv.text("null_value");
      const auto& [kind, delimiter, quote, null] = *out.text;
      const char* wrong = delimiter == quote ? "delimiter and quote are the same character"
                          : null.find_first_of(delimiter + quote + "\r\n") != std::string::npos
                              ? "null_value holds the delimiter, the quote or the end of a line"
                              : nullptr;
      if (wrong != nullptr)
        throw yaml::error_at(file, files.required("csv"), fmt::format("'{}': {}", files.named("csv"), wrong));
    }
  } else if (format == 2) {
    out.text = Format{Format::Kind::kJson};
  }
  if (files.has("csv") && format != 1) {
    throw yaml::error_at(file, files.required("csv"),
                         fmt::format("'{}' is for files of format csv", files.named("csv")),
                         "Remove it, or write format: csv.");
  }
  for (const auto& column : out.columns) {
    const bool fits =
        !out.text || (column.type.kind != Type::Kind::kBinary && (format == 2 || !column.type.is_nested()));
    if (fits) continue;
    throw yaml::error_at(
        file, files.required("columns"),
        fmt::format("column '{}' is {}, which {} files cannot hold", column.name, type_name(column.type), out.format()),
        "Declare it as string, and convert it in the transform.");
  }
  return out;
}

bool is_name(const std::string& name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c < 0x80 && (std::isalnum(c) != 0 || c == '_'); });
}

source::Readiness readiness_of(const std::string& file, const Section& source) {
  const Section ready(file, source.required("ready"), "source.ready", {"file", "min_files", "quiet_for"});
  source::Readiness out;
  if (ready.has("min_files")) out.min_files = ready.count("min_files");
  if (ready.has("quiet_for")) out.quiet_for = ready.duration("quiet_for");
  if (!ready.has("file")) return out;
  out.file = ready.text("file");
  if (out.file.find('/') != std::string::npos || out.file == "." || out.file == "..") {
    throw yaml::error_at(file, ready.required("file"),
                         fmt::format("'source.ready.file' is '{}', which is not a file's name", out.file),
                         "It is the name of a file in the day's folder, such as _SUCCESS.");
  }
  return out;
}

int lookback_of(const std::string& file, const Section& source, bool by_hour) {
  constexpr int64_t kHour = 3600, kDay = 86'400;
  const int64_t most = by_hour ? 744 : 366;
  const int64_t unit = by_hour ? kHour : kDay, seconds = source.duration("lookback").count();
  if (seconds % unit == 0 && seconds > 0 && seconds / unit <= most) return static_cast<int>(seconds / unit);
  throw yaml::error_at(file, source.required("lookback"),
                       fmt::format("'source.lookback' must be 1 to {} whole {}, not '{}'", most,
                                   by_hour ? "hours" : "days", source.text("lookback")),
                       by_hour ? "Write it like 3h." : "Write it like 2d.");
}

InputDefinition input_of(const std::string& file, const fs::path& home, const std::string& name, const yaml::Node& key,
                         const yaml::Node& value) {
  const std::string path = "inputs." + name;
  const std::string lower = text::to_lower(name);
  if (!is_name(name) || lower == "source" || lower.starts_with(sql::kReservedPrefix)) {
    throw yaml::error_at(file, key, fmt::format("'{}': an input cannot have this name", path),
                         fmt::format("SQL names it so: use letters, digits and '_'. `source` is the day, and names "
                                     "that begin with '{}' are the program's own.",
                                     sql::kReservedPrefix));
  }
  InputDefinition out;
  out.name = name;
  out.place = fmt::format("{}: {}", to_text(yaml::place_in(file, key)), path);
  if (value.is_map() && value["table"].is_defined()) {
    const Section table(file, value, path, {"table", "as_of"});
    out.as_of_run_date = table.has("as_of") && table.choice("as_of", {"run_date"}) == 0;
    out.table = table.text("table");
    if (!text::table_name_parts(*out.table)) {
      throw yaml::error_at(file, table.required("table"),
                           fmt::format("'{}' is '{}', which is not a table's name", table.named("table"), *out.table),
                           "Write <database>.<table>, each of letters, digits and '_'.");
    }
    return out;
  }
  const Section files(file, value, path, {"table", "path", "format", "csv", "columns"});
  const yaml::PlacedText location = files.placed("path");
  require_known_location(location.place, location.text);
  out.path = is_remote(location.text) ? location.text : (home / location.text).lexically_normal().string();
  while (out.path.size() > 1 && out.path.ends_with('/')) out.path.pop_back();
  out.contents = contents_of(file, files);
  return out;
}

std::vector<InputDefinition> inputs_of(const std::string& file, const fs::path& home, const yaml::Node& all) {
  std::vector<InputDefinition> out;
  if (!all.is_map()) throw yaml::error_at(file, all, "'inputs' must map names to tables or files");
  for (const auto& entry : all) {
    const std::string& name = entry.first.text();
    const bool is_new = std::none_of(out.begin(), out.end(), [&](const InputDefinition& other) {
      return text::to_lower(other.name) == text::to_lower(name);
    });
    if (!is_new)
      throw yaml::error_at(file, entry.first,
                           fmt::format("'inputs.{}': SQL cannot tell it from another input of that name", name));
    out.push_back(input_of(file, home, name, entry.first, entry.second));
  }
  return out;
}

// The pipeline's own variables, by name.
std::map<std::string, std::string> variables_of(const std::string& file, const Section& top) {
  std::map<std::string, std::string> out = top.texts("variables");
  for (const auto& entry : top.required("variables")) {
    const std::string& name = entry.first.text();
    const auto& taken = run_variables();
    if (is_name(name) && std::find(taken.begin(), taken.end(), name) == taken.end()) continue;
    throw yaml::error_at(
        file, entry.first, fmt::format("'variables.{}': a variable cannot have this name", name),
        fmt::format("Use letters, digits and '_'; these are the run's own: {}.", fmt::join(taken, ", ")));
  }
  return out;
}

// What is wrong with a pipeline, section by section: all of it is told at once.
class Faults {
 public:
  // Whether `read` found nothing wrong.
  template <typename Read>
  bool collect(const Read& read) {
    try {
      read();
      return true;
    } catch (const Error& e) {
      if (e.cause() != Cause::kConfiguration) throw;
      all_.push_back(e);
      return false;
    }
  }

  void raise() const {
    if (all_.empty()) return;
    if (all_.size() == 1) throw Error(all_.front());
    std::vector<std::string> lines;
    for (const auto& each : all_) lines.push_back(each.in_full());
    throw Error(Cause::kConfiguration, fmt::format("{}", fmt::join(lines, "\n")));
  }

 private:
  std::vector<Error> all_;
};

void read_source(Definition& out, const Section& top) {
  const Section source(out.file, top.required("source"), "source",
                       {"location", "path", "ready", "lookback", "recursive", "format", "csv", "columns"});
  if (source.has("location")) {
    out.source.location = source.placed("location");
    require_known_location(out.source.location->place, out.source.location->text);
  }
  out.source.file = out.file;
  out.source.path = source_path(out.file, source);
  out.source.by_hour = out.source.path.find("{HH}") != std::string::npos;
  out.source.contents = contents_of(out.file, source);
  out.source.contents.recursive = source.choice("recursive", {"false", "true"}) == 1;
  if (source.has("ready")) out.source.ready = readiness_of(out.file, source);
  if (source.has("lookback")) out.source.lookback = lookback_of(out.file, source, out.source.by_hour);
}

engine::Dedupe dedupe_of(const Definition& pipeline, const Section& top) {
  const Section dedupe(pipeline.file, top.required("dedupe"), "dedupe", {"key", "order", "keep"});
  const Schema& columns = pipeline.source.contents.columns;
  return {.key = dedupe.columns_of("key", columns),
          .order = dedupe.columns_of("order", columns),
          .keep_last = dedupe.choice("keep", {"first", "last"}) == 1};
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
    if (column.name != run_date_column && column.name != run_hour_column) out.push_back(column);
  }
  return out;
}

std::map<std::string, std::string> Definition::run_values(const source::Interval& interval) const {
  std::map<std::string, std::string> out;
  if (run_date_column) out[*run_date_column] = interval.day.iso();
  if (run_hour_column) out[*run_hour_column] = fmt::format("{}", interval.hour.value_or(0));
  return out;
}

std::map<std::string, std::string> Definition::run_partition(const source::Interval& interval) const {
  auto out = run_values(interval);
  std::erase_if(out, [&](const auto& value) {
    return std::find(partition_columns.begin(), partition_columns.end(), value.first) == partition_columns.end();
  });
  return out;
}

bool Definition::replaces_its_day() const {
  const auto own = [&](const std::string& name) { return name == run_date_column || name == run_hour_column; };
  const size_t wanted = run_hour_column ? 2 : 1;
  return mode != WriteMode::kMerge && partition_columns.size() == wanted &&
         std::all_of(partition_columns.begin(), partition_columns.end(), own);
}

Schema Definition::file_columns() const {
  Schema out;
  for (const auto& column : target_columns) {
    if (std::find(partition_columns.begin(), partition_columns.end(), column.name) == partition_columns.end())
      out.push_back(column);
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
  const Section top(
      out.file, root, "",
      {"source", "on_empty_input", "inputs", "dedupe", "transform", "variables", "target", "checks", "gate", "feed"});
  Faults faults;
  const bool has_columns = faults.collect([&] { read_source(out, top); });
  faults.collect([&] {
    out.source.on_empty_input =
        static_cast<source::EmptyInput>(top.choice("on_empty_input", {"fail", "keep", "clear"}));
  });
  if (has_columns && top.has("feed")) faults.collect([&] { read_feed(out, top); });
  if (has_columns && top.has("dedupe")) faults.collect([&] { out.dedupe = dedupe_of(out, top); });
  if (top.has("inputs")) faults.collect([&] { out.inputs = inputs_of(out.file, home, top.required("inputs")); });
  const bool has_variables =
      !top.has("variables") || faults.collect([&] { out.variables = variables_of(out.file, top); });
  faults.collect([&] { out.transform_file = top.file(home, "transform"); });
  if (has_variables && !out.transform_file.empty())
    faults.collect([&] { out.transform = read_transform(out.transform_file, out.variables); });
  const bool has_target = faults.collect([&] { read_target(out, top); });
  if (has_columns && has_target && out.source.lookback > 0 && out.replaces_its_day()) {
    faults.collect([&] {
      throw yaml::error_at(out.file, top.required("source")["lookback"],
                           "'source.lookback' cannot be: the rows of earlier days would be those of this day too",
                           "Partition by a column of the data, as target.partition: {order_date: date}, and merge.");
    });
  }
  faults.collect([&] { out.checks_file = top.file(home, "checks"); });
  faults.collect([&] { out.gate = static_cast<Gate>(top.choice("gate", {"before_publish", "after_publish"})); });
  faults.raise();
  out.number = number_of_files({out.file, out.transform_file, out.checks_file});
  return out;
}

}  // namespace metl::pipeline
