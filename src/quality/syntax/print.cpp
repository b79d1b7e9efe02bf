#include "quality/syntax/print.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/unicode.h"
#include "quality/syntax/lexer.h"
#include "quality/syntax/print_settings.h"

namespace metl::quality {
namespace {

constexpr size_t kMaxSimpleKey = 1000;  // bytes; readers of YAML take no longer ones as "key: value"

// Whether base/yaml.h reads a character only when it is escaped.
bool is_read_escaped_only(uint32_t code) {
  return (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029 || code == 0xfeff || code == 0xfffe ||
         code == 0xffff;
}

bool needs_escapes(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const text::CodePoint next = text::code_point(text, at);
    if (is_read_escaped_only(next.code)) return true;
    at += next.length;
  }
  return false;
}

// Lines that a block after '|' gives back as they are.
bool fits_block(const std::string& text) {
  if (text.size() < 2 || text.find('\n') == text.npos || !text.ends_with('\n') || text.ends_with("\n\n")) return false;
  if (text[0] == ' ' || text[0] == '\n') return false;
  const auto lines = text::split(text, '\n');
  return std::all_of(lines.begin(), lines.end(), [](const auto& line) { return text::printable(line) == line; });
}

void write_scalar(YAML::Emitter& out, const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (needs_escapes(text))
    out << YAML::DoubleQuoted << YAML::EscapeNonAscii;
  else if (node.Tag() == "!")
    out << YAML::DoubleQuoted;
  else if (fits_block(text))
    out << YAML::Literal;
  out << text;
}

void write(YAML::Emitter& out, const YAML::Node& node) {
  if (node.IsScalar()) {
    write_scalar(out, node);
  } else if (node.IsSequence()) {
    const bool flow = std::all_of(node.begin(), node.end(), [](const YAML::Node& item) {
      return item.IsScalar() && item.Scalar().find('\n') == std::string::npos;
    });
    if (flow) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const auto& item : node) write(out, item);
    out << YAML::EndSeq;
  } else {
    out << YAML::BeginMap;
    for (const auto& entry : node) {
      if (entry.first.Scalar().size() > kMaxSimpleKey) out << YAML::LongKey;
      out << YAML::Key << entry.first.Scalar() << YAML::Value;
      write(out, entry.second);
    }
    out << YAML::EndMap;
  }
}

std::string text_of(const YAML::Node& node) {
  YAML::Emitter out;
  write(out, node);
  std::string text = out.c_str();
  if (text.ends_with('\n')) text.pop_back();  // of a block after '|'
  return text;
}

YAML::Node checks_of(const std::vector<Check>& checks) {
  YAML::Node out(YAML::NodeType::Sequence);
  for (const auto& check : checks) out.push_back(node_of(check));
  return out;
}

// A column's name behind "valid min for".
std::string configured_name(const std::string& column) {
  std::string quoted = "\"" + text::replace_all(column, "\"", "\"\"") + "\"";
  try {
    const auto tokens = tokenize(column);
    const bool plain = tokens.size() == 2 && tokens[0].kind == Token::Kind::kWord && tokens[0].text == column;
    return plain ? column : quoted;
  } catch (const LineError&) {
    return quoted;
  }
}

YAML::Node patterns_of(const std::vector<std::pair<bool, std::string>>& patterns) {
  YAML::Node out(YAML::NodeType::Sequence);
  for (const auto& [include, pattern] : patterns) {
    const bool needs_word = !include || pattern.starts_with("include ") || pattern.starts_with("exclude ");
    out.push_back(needs_word ? (include ? "include " : "exclude ") + pattern : pattern);
  }
  return out;
}

void add(YAML::Node& root, const ChecksSection& section) {
  root.force_insert(section.title, checks_of(section.checks));
}

void add(YAML::Node& root, const ForEachSection& section) {
  YAML::Node body(YAML::NodeType::Map);
  body.force_insert("datasets", patterns_of(section.patterns));
  const bool has_checks_of_its_own = section.variable.empty();  // automated monitoring
  if (!has_checks_of_its_own) body.force_insert("checks", checks_of(section.checks));
  root.force_insert(section.title, body);
}

// Settings by name, without those in `ignored`.
std::map<std::string, YAML::Node> sorted_settings(const Check& check, const std::vector<std::string_view>& ignored) {
  std::map<std::string, YAML::Node> out;
  for (const auto& entry : settings_of(check)) {
    const std::string& key = entry.first.Scalar();
    if (std::find(ignored.begin(), ignored.end(), key) == ignored.end()) out.emplace(key, entry.second);
  }
  return out;
}

}  // namespace

std::string print_document(const Document& document) {
  YAML::Node root(YAML::NodeType::Map);
  YAML::Node variables(YAML::NodeType::Map);
  for (const auto& [name, value] : document.variables) variables.force_insert(name, value.text);
  if (variables.size() > 0) root.force_insert("variables", variables);
  for (const auto& filter : document.filters) {
    YAML::Node body(YAML::NodeType::Map);
    body.force_insert("where", filter.where.text);
    root.force_insert(filter.title, body);
  }
  for (const auto& section : document.configurations) {
    YAML::Node body(YAML::NodeType::Map);
    for (const auto& [column, validity] : section.columns) {
      add_validity(body, validity, " for " + configured_name(column));
    }
    root.force_insert(section.title, body);
  }
  for (const auto& section : document.sections) {
    std::visit([&root](const auto& part) { add(root, part); }, section);
  }
  for (const auto& section : document.surveys) {
    YAML::Node body(YAML::NodeType::Map);
    body.force_insert(section.kind == SurveySection::Kind::kProfile ? "columns" : "datasets",
                      patterns_of(section.patterns));
    root.force_insert(section.title, body);
  }
  return root.size() == 0 ? "" : text_of(root) + "\n";
}

std::string print_check(const Check& check, const std::string& title) {
  if (settings_of(check).size() == 0) return fmt::format("{}:\n  {}", title, check.line);
  YAML::Node root(YAML::NodeType::Map);
  root.force_insert(title, checks_of({check}));
  return text_of(root) + "\n";
}

std::string identity_text(const Check& check, const std::string& title) {
  std::string out = title + check.line;
  const auto settings = sorted_settings(check, {"name", "samples limit", "identity", "attributes", "warn_only",
                                                "severity_level_parameters", "training_dataset_parameters"});
  if (!settings.empty()) out += "!!omap\n";
  for (const auto& [key, value] : settings) {
    YAML::Node one(YAML::NodeType::Map);
    one.force_insert(key, value);
    YAML::Node list(YAML::NodeType::Sequence);
    list.push_back(one);
    for (const auto& line : text::split(text_of(list), '\n')) out += fmt::format("  {}\n", line);
  }
  return out;
}

std::string measuring_settings(const Check& check) {
  std::string out;
  for (const auto& [key, value] : sorted_settings(
           check, {"name", "samples limit", "identity", "attributes", "warn", "fail", "failed rows query"})) {
    out += fmt::format("{}: {}\n", key, text_of(value));
  }
  return out;
}

}  // namespace metl::quality
