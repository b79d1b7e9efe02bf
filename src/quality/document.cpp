#include "quality/document.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "quality/check_line.h"
#include "quality/yaml_guard.h"

namespace metl::quality {
namespace {

constexpr uintmax_t kMaxFile = uintmax_t{4} * 1024 * 1024;

class DocumentReader {
 public:
  DocumentReader(std::string file, Findings& findings) : findings_(findings) { out_.file = std::move(file); }

  Document read(const YAML::Node& root) {
    if (!root.IsDefined() || root.IsNull()) return std::move(out_);
    if (!root.IsMap()) {
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
  void section(const YAML::Node& key, const YAML::Node& body) {
    const Text title = text_of(out_.file, key, "a section header");
    Header header;
    try {
      header = parse_header(title.text);
    } catch (const LineError& e) {
      static const std::vector<std::string> kTitles = {"checks", "variables", "discover datasets", "profile columns",
                                                       "sample datasets"};
      throw Problem{title.at, fmt::format("section \"{}\" is none of SodaCL: {}.{}", title.text, e.message,
                                          text::did_you_mean(title.text, kTitles))};
    }
    switch (header.kind) {
      case Header::Kind::kChecks:
      case Header::Kind::kDataSourceChecks:
        out_.sections.push_back(ChecksSection{header.name, header.partition, title.at, checks(body, title)});
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
        throw Problem{title.at, "not supported yet: 'automated monitoring' needs a history of earlier scans"};
      case Header::Kind::kDiscover:
      case Header::Kind::kProfile:
      case Header::Kind::kSample:
        throw Problem{title.at, fmt::format("not supported yet: section '{}'", title.text)};
    }
  }

  std::vector<Check> checks(const YAML::Node& body, const Text& title) {
    std::vector<Check> out;
    if (!body.IsSequence())
      throw Problem{title.at, fmt::format("\"{}\" must hold a list of checks, as in '- row_count > 0'", title.text)};
    for (const auto& item : body) {
      try {
        out.push_back(read_check(item, out_.file, findings_));
      } catch (const Problem& p) {
        findings_.errors.push_back({p.at, p.message});
      }
    }
    return out;
  }

  YAML::Node mapping(const YAML::Node& body, const Text& title, std::string_view example) const {
    if (!body.IsMap())
      throw Problem{title.at, fmt::format("\"{}\" must hold settings, as in '{}'", title.text, example)};
    return body;
  }

  void filter(const Header& header, const YAML::Node& body, const Text& title) {
    FilterSection out{header.name, header.partition, {}};
    for (const auto& entry : mapping(body, title, "where: run_date = '2021-01-01'")) {
      const Text key = text_of(out_.file, entry.first, "a setting");
      if (key.text != "where") {
        throw Problem{key.at, fmt::format("'{}' is no setting of a filter.{}", key.text,
                                          text::did_you_mean(key.text, {"where"}))};
      }
      out.where = text_of(out_.file, entry.second, "where");
    }
    if (text::trim(out.where.text).empty()) throw Problem{title.at, "a filter needs 'where' and an SQL condition"};
    out_.filters.push_back(std::move(out));
  }

  // "valid values for is_adult: [true]", of several columns.
  void configurations(const Header& header, const YAML::Node& body, const Text& title) {
    ConfigurationSection out{header.name, {}};
    for (const auto& entry : mapping(body, title, "valid min for rating: 0")) {
      const Text key = text_of(out_.file, entry.first, "a setting");
      try {
        const size_t separator = key.text.find(" for ");
        const std::string setting = key.text.substr(0, separator);
        if (separator == std::string::npos) {
          throw Problem{key.at, fmt::format("'{}' names no column, as in 'valid min for rating: 0'", key.text)};
        }
        const std::string column(text::trim(std::string_view(key.text).substr(separator + 5)));
        if (!set_validity(validity_of(out, column), setting, out_.file, entry.second)) {
          throw Problem{key.at,
                        fmt::format("'{}' is no setting of a column, as 'valid min' or 'missing values' are", setting)};
        }
      } catch (const Problem& p) {
        findings_.errors.push_back({p.at, p.message});
      }
    }
    out_.configurations.push_back(std::move(out));
  }

  static Validity& validity_of(ConfigurationSection& section, const std::string& written) {
    const auto tokens = tokenize(written);
    const std::string column = tokens.size() == 2 ? tokens[0].text : written;
    for (auto& [name, validity] : section.columns) {
      if (name == column) return validity;
    }
    return section.columns.emplace_back(column, Validity{}).second;
  }

  void for_each(const Header& header, const YAML::Node& body, const Text& title) {
    ForEachSection out{header.name.text, title.at, {}, {}};
    for (const auto& entry : mapping(body, title, "datasets: [ratings%]")) {
      const Text key = text_of(out_.file, entry.first, "a setting");
      if (key.text == "checks") {
        out.checks = checks(entry.second, title);
      } else if (key.text == "datasets" || key.text == "tables") {
        if (!entry.second.IsSequence()) throw Problem{key.at, "'datasets' must be a list of names"};
        for (const auto& item : entry.second)
          out.patterns.push_back(pattern(text_of(out_.file, item, "a dataset").text));
      } else {
        throw Problem{key.at, fmt::format("'{}' is no setting of 'for each'.{}", key.text,
                                          text::did_you_mean(key.text, {"datasets", "checks"}))};
      }
    }
    if (out.patterns.empty()) throw Problem{title.at, "'for each dataset' needs 'datasets', a list of names"};
    out_.sections.push_back(std::move(out));
  }

  static std::pair<bool, std::string> pattern(std::string_view text) {
    for (const auto& [word, include] : {std::pair<std::string_view, bool>{"include ", true}, {"exclude ", false}}) {
      if (text.starts_with(word)) return {include, std::string(text::trim(text.substr(word.size())))};
    }
    return {true, std::string(text::trim(text))};
  }

  void variables(const YAML::Node& body, const Text& title) {
    for (const auto& entry : mapping(body, title, "run_date: 2021-01-01")) {
      out_.variables.emplace_back(text_of(out_.file, entry.first, "a variable").text,
                                  text_of(out_.file, entry.second, "a variable"));
    }
  }

  Findings& findings_;
  Document out_;
};

// base/yaml.h puts the place in front of the message; here it has a field of its own.
ScanError error_of(const Error& e, const std::string& file) {
  std::string_view message = e.message();
  Location at{file, 0, 0};
  if (message.starts_with(file + ":")) message.remove_prefix(file.size() + 1);
  for (int* part : {&at.line, &at.column}) {
    const size_t colon = message.find(':');
    const auto number = colon == std::string_view::npos ? std::nullopt : parse_number(message.substr(0, colon));
    if (!number) break;
    *part = static_cast<int>(*number);
    message.remove_prefix(colon + 1);
  }
  return {at, fmt::format("{}{}{}", text::trim(message), e.hint().empty() ? "" : ". ", e.hint())};
}

// Throws Error{kInputMissing} and Error{kConfig}.
std::string text_of_file(const std::string& path) {
  std::error_code unknown;
  const auto size = std::filesystem::file_size(path, unknown);
  if (!unknown && size > kMaxFile) throw Error(ExitCode::kConfig, "the file is larger than 4 MiB: no checks file");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (unknown || !file || !(text << file.rdbuf() || size == 0)) {
    throw Error(ExitCode::kInputMissing, "the file cannot be read: no such file, or no right to read it");
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
    refuse_huge_yaml(text, name);
    return DocumentReader(name, findings).read(yaml::load_text(text, name));
  } catch (const Error& e) {
    findings.errors.push_back(error_of(e, name));
  }
  Document nothing;
  nothing.file = name;
  return nothing;
}

}  // namespace metl::quality
