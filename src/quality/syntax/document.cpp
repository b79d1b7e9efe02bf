#include "quality/syntax/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/text.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

constexpr uintmax_t kMaxFile = uintmax_t{4} * 1024 * 1024;

class DocumentReader {
 public:
  DocumentReader(std::string file, Findings& findings) : findings_(findings) { out_.file = std::move(file); }

  Document read(const yaml::Node& root) {
    if (!root.is_defined() || root.is_null()) return std::move(out_);
    if (!root.is_map()) {
      findings_.errors.push_back({{out_.file, 1, 1}, "sections are expected, as in 'checks for ratings:'"});
      return std::move(out_);
    }
    for (const auto& entry : root) {
      try {
        section(entry.first, entry.second);
      } catch (const Problem& p) {
        findings_.errors.push_back({p.at, p.message});
      }
    }
    return std::move(out_);
  }

 private:
  void section(const yaml::Node& key, const yaml::Node& body) {
    const Text title = text_of(out_.file, key, "a section header");
    Header header;
    try {
      header = parse_header(title.text);
    } catch (const LineError& e) {
      static const std::vector<std::string> kTitles = {"checks",         "configurations",    "automated monitoring",
                                                       "variables",      "discover datasets", "profile columns",
                                                       "sample datasets"};
      const std::string kind = title.text.substr(0, title.text.find(" for "));
      throw Problem{title.at, fmt::format("section \"{}\" is none of SodaCL: {}.{}", title.text, e.message,
                                          text::did_you_mean(kind, kTitles))};
    }
    if (!header.name.text.empty() && header.kind != Header::Kind::kForEachDataset &&
        header.kind != Header::Kind::kForEachColumn)
      out_.mentions.emplace_back(
          header.name, header.kind == Header::Kind::kConfigurations ? std::nullopt : std::optional(header.partition));
    switch (header.kind) {
      case Header::Kind::kChecks:
      case Header::Kind::kDataSourceChecks:
        out_.sections.push_back(
            ChecksSection{header.name, header.partition, title.at, checks(body, title), title.text});
        break;
      case Header::Kind::kFilter:
        filter(header, body, title);
        break;
      case Header::Kind::kConfigurations:
        configurations(header, body, title);
        break;
      case Header::Kind::kForEachDataset:
        for_each(header, body, title);
        break;
      case Header::Kind::kVariables:
        variables(body, title);
        break;
      case Header::Kind::kForEachColumn:
        throw Problem{title.at, "not supported: 'for each column' (Soda Core does not run it either)"};
      case Header::Kind::kAutomatedMonitoring:
        automated_monitoring(body, title);
        break;
      case Header::Kind::kDiscover:
        survey(SurveySection::Kind::kDiscover, body, title);
        break;
      case Header::Kind::kProfile:
        survey(SurveySection::Kind::kProfile, body, title);
        break;
      case Header::Kind::kSample:
        survey(SurveySection::Kind::kSample, body, title);
        break;
    }
  }

  std::vector<Check> checks(const yaml::Node& body, const Text& title) {
    std::vector<Check> out;
    if (!body.is_sequence())
      throw Problem{title.at, fmt::format("\"{}\" must hold a list of checks, as in '- row_count > 0'", title.text)};
    for (const auto& item : body) {
      try {
        if (is_attributes(item)) {
          common_attributes_ = read_attributes(out_.file, item.begin()->second);
          continue;
        }
        out.push_back(read_check(item, out_.file, findings_));
        add_common(out.back().attributes);
      } catch (const Problem& p) {
        findings_.errors.push_back({p.at, p.message});
      }
    }
    return out;
  }

  // `- attributes: {...}` among checks: for those behind it, in this and the later sections.
  static bool is_attributes(const yaml::Node& item) {
    return item.is_map() && item.size() == 1 && item.begin()->first.is_scalar() &&
           item.begin()->first.text() == "attributes";
  }
  void add_common(std::vector<std::pair<std::string, Text>>& attributes) const {
    for (const auto& common : common_attributes_) {
      const auto own = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const auto& attribute) { return attribute.first == common.first; });
      if (own == attributes.end())
        attributes.push_back(common);
      else
        own->second = common.second;
    }
  }

  yaml::Node mapping(const yaml::Node& body, const Text& title, std::string_view example) const {
    if (!body.is_map())
      throw Problem{title.at, fmt::format("\"{}\" must hold settings, as in '{}'", title.text, example)};
    return body;
  }

  void filter(const Header& header, const yaml::Node& body, const Text& title) {
    FilterSection out{header.name, header.partition, {}, title.text};
    for (const auto& entry : mapping(body, title, "where: run_date = '2021-01-01'")) {
      const Text key = text_of(out_.file, entry.first, "a setting");
      if (key.text != "where") {
        throw Problem{key.at, fmt::format("'{}' is not a setting of a filter.{}", key.text,
                                          text::did_you_mean(key.text, {"where"}))};
      }
      out.where = text_of(out_.file, entry.second, "where");
    }
    if (text::trim(out.where.text).empty()) throw Problem{title.at, "a filter needs 'where' and an SQL condition"};
    out_.filters.push_back(std::move(out));
  }

  // "valid values for is_adult: [true]", of several columns.
  void configurations(const Header& header, const yaml::Node& body, const Text& title) {
    ConfigurationSection out{header.name, {}, title.text};
    std::map<std::string, size_t> known;  // column -> index
    for (const auto& entry : mapping(body, title, "valid min for rating: 0")) {
      const Text key = text_of(out_.file, entry.first, "a setting");
      try {
        const size_t separator = key.text.find(" for ");
        const std::string setting = key.text.substr(0, separator);
        const std::string column = separator == std::string::npos ? "" : column_of(key.text.substr(separator + 5));
        if (column.empty()) {
          throw Problem{key.at, fmt::format("'{}' names no column, as in 'valid min for rating: 0'", key.text)};
        }
        const auto [at, is_new] = known.try_emplace(column, out.columns.size());
        if (is_new) out.columns.emplace_back(column, Validity{});
        if (!set_validity(out.columns[at->second].second, setting, out_.file, entry.second, findings_)) {
          throw Problem{key.at, fmt::format("'{}' is not a setting of a column, as 'valid min' or 'missing values' are",
                                            setting)};
        }
      } catch (const Problem& p) {
        findings_.errors.push_back({p.at, p.message});
      }
    }
    out_.configurations.push_back(std::move(out));
  }

  // The column that stands behind "valid min for"; "" for none.
  static std::string column_of(std::string_view written) {
    written = text::trim(written);
    try {
      const auto tokens = tokenize(written);
      return tokens.size() == 2 ? tokens[0].text : std::string(written);
    } catch (const LineError&) {
      return "";
    }
  }

  void for_each(const Header& header, const yaml::Node& body, const Text& title) {
    ForEachSection out{title.text, header.name.text, title.at, {}, {}};
    for (const auto& entry : mapping(body, title, "datasets: [ratings%]")) {
      const Text key = text_of(out_.file, entry.first, "a setting");
      if (key.text == "checks") {
        out.checks = checks(entry.second, title);
      } else if (key.text == "datasets" || key.text == "tables") {
        out.patterns = patterns(key, entry.second);
      } else {
        throw Problem{key.at, fmt::format("'{}' is not a setting of 'for each'.{}", key.text,
                                          text::did_you_mean(key.text, {"datasets", "checks"}))};
      }
    }
    if (out.patterns.empty()) throw Problem{title.at, "'for each dataset' needs 'datasets', a list of names"};
    out_.sections.push_back(std::move(out));
  }

  // As Soda Core: anomalies of the number of rows, and changes of the schema, where only new columns are no failure.
  void automated_monitoring(const yaml::Node& body, const Text& title) {
    ForEachSection out{title.text, "", title.at, {}, {}};
    for (const auto& entry : mapping(body, title, "datasets: [include %, exclude test%]")) {
      const Text key = text_of(out_.file, entry.first, "a setting");
      if (key.text != "datasets") {
        throw Problem{key.at, fmt::format("'{}' is not a setting of 'automated monitoring'.{}", key.text,
                                          text::did_you_mean(key.text, {"datasets"}))};
      }
      out.patterns = patterns(key, entry.second);
    }
    if (out.patterns.empty()) throw Problem{title.at, "'automated monitoring' needs 'datasets', a list of names"};
    Check rows;
    rows.line = "anomaly score for row_count < default";
    rows.at = title.at;
    rows.body = MetricBody{std::get<MetricLine>(parse_check_line(rows.line)), {}, {}, {}, {}, {}};
    Check schema;
    schema.line = "schema";
    schema.at = title.at;
    SchemaBody rules{SchemaRules{}, SchemaRules{}};
    rules.warn->changes.added = true;
    rules.fail->changes = {false, true, true, true};
    schema.body = std::move(rules);
    out.checks = {std::move(rows), std::move(schema)};
    out_.sections.push_back(std::move(out));
  }

  void survey(SurveySection::Kind kind, const yaml::Node& body, const Text& title) {
    SurveySection out{kind, {}, title.at, title.text};
    const bool profile = kind == SurveySection::Kind::kProfile;
    for (const auto& entry : mapping(body, title, profile ? "columns: [ratings.%]" : "datasets: [ratings%]")) {
      const Text key = text_of(out_.file, entry.first, "a setting");
      const bool known = profile ? key.text == "columns" : key.text == "datasets" || key.text == "tables";
      if (!known) {
        throw Problem{key.at, fmt::format("'{}' is not a setting of '{}'.{}", key.text, title.text,
                                          text::did_you_mean(key.text, {profile ? "columns" : "datasets"}))};
      }
      out.patterns = patterns(key, entry.second);
    }
    for (const auto& [include, pattern] : out.patterns) {
      if (profile && pattern.find('.') == std::string::npos) {
        throw Problem{title.at,
                      fmt::format("'{}' is not a column of a dataset, as 'ratings.stars' or 'ratings.%' are", pattern)};
      }
    }
    if (out.patterns.empty())
      throw Problem{title.at,
                    fmt::format("'{}' needs '{}', a list of names", title.text, profile ? "columns" : "datasets")};
    out_.surveys.push_back(std::move(out));
  }

  std::vector<std::pair<bool, std::string>> patterns(const Text& key, const yaml::Node& list) const {
    if (!list.is_sequence()) throw Problem{key.at, fmt::format("'{}' must be a list of names", key.text)};
    std::vector<std::pair<bool, std::string>> out;
    for (const auto& item : list) out.push_back(pattern(text_of(out_.file, item, "a dataset").text));
    return out;
  }

  static std::pair<bool, std::string> pattern(std::string_view text) {
    for (const auto& [word, include] : {std::pair<std::string_view, bool>{"include ", true}, {"exclude ", false}}) {
      if (text.starts_with(word)) return {include, std::string(text::trim(text.substr(word.size())))};
    }
    return {true, std::string(text::trim(text))};
  }

  void variables(const yaml::Node& body, const Text& title) {
    for (const auto& entry : mapping(body, title, "run_date: 2021-01-01")) {
      const Text name = text_of(out_.file, entry.first, "a variable");
      if (!declared_.insert(name.text).second)
        throw Problem{name.at, fmt::format("variable '{}' is declared twice", name.text)};
      out_.variables.emplace_back(name.text, text_of(out_.file, entry.second, "a variable"));
    }
  }

  Findings& findings_;
  Document out_;
  std::set<std::string> declared_;  // variables
  std::vector<std::pair<std::string, Text>> common_attributes_;
};

ScanError error_of(const Error& e, const std::string& file) {
  const Location at = e.place().file.empty() ? Location{file} : e.place();
  return {at, e.said_in_full()};
}

// Throws Error{kConfiguration}.
std::string text_of_file(const std::string& path) {
  std::error_code unknown;
  const auto size = std::filesystem::file_size(path, unknown);
  if (!unknown && size > kMaxFile) throw Error(Cause::kConfiguration, "the file is larger than 4 MiB: no checks file");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (unknown || !file || !(text << file.rdbuf() || size == 0)) {
    throw Error(Cause::kConfiguration, "the file cannot be read: no such file, or no right to read it");
  }
  return text.str();
}

}  // namespace

Document read_document(const std::string& path, Findings& findings) {
  try {
    return read_document_text(text_of_file(path), path, findings);
  } catch (const Error& e) {
    findings.errors.push_back(error_of(e, path));
  }
  Document nothing;
  nothing.file = path;
  return nothing;
}

Document read_document_text(const std::string& text, const std::string& name, Findings& findings) {
  try {
    return DocumentReader(name, findings).read(yaml::load_text(text, name));
  } catch (const Error& e) {
    findings.errors.push_back(error_of(e, name));
  }
  Document nothing;
  nothing.file = name;
  return nothing;
}

}  // namespace metl::quality
