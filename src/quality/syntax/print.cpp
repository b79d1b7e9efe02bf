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

// U+FFFE and U+FFFF of every plane, and 32 more. They are in nobody's language, but a text may hold them.
bool is_noncharacter(uint32_t code) { return (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef); }

// Whether base/yaml.h reads a character only when it is escaped, or yaml-cpp writes it only so (StandIns).
bool needs_escape(uint32_t code) {
  const bool control = code < 0x20 && code != 0x0a && code != 0x09;  // yaml-cpp takes a carriage return for plain
  return control || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029 || code == 0xfeff ||
         is_noncharacter(code);
}

template <typename Use>
void each_character(const std::string& text, const Use& use) {
  for (size_t at = 0; at < text.size();) {
    const text::CodePoint next = text::code_point(text, at);
    use(next.code, text.substr(at, next.length));
    at += next.length;
  }
}

bool needs_escapes(const std::string& text) {
  bool found = false;
  each_character(text, [&](uint32_t code, const auto&) { found = found || needs_escape(code); });
  return found;
}

void add_texts(const YAML::Node& node, std::string& out) {
  if (node.IsScalar()) out += node.Scalar() + "\n";
  for (const auto& item : node) {
    if (node.IsMap()) {
      add_texts(item.first, out);
      add_texts(item.second, out);
    } else {
      add_texts(item, out);
    }
  }
}

// yaml-cpp writes U+FFFD for a noncharacter, however it is told to write it. So another character takes its place on
// the way through, one for private use that the document neither holds nor spells, whose escape is exchanged in the
// end.
class StandIns {
 public:
  explicit StandIns(const YAML::Node& document) {
    std::string all;
    add_texts(document, all);
    uint32_t next = kFirst;
    each_character(all, [&](uint32_t code, const std::string& written) {
      if (!is_noncharacter(code) || stands_for_.contains(written)) return;
      while (all.find(utf8(next)) != all.npos || all.find(escape(next).substr(1)) != all.npos) ++next;
      stands_for_.emplace(written, std::pair(next++, code));
    });
  }

  std::string put_into(std::string text) const {
    for (const auto& [written, codes] : stands_for_) text = text::replace_all(text, written, utf8(codes.first));
    return text;
  }
  std::string take_out_of(std::string printed) const {
    for (const auto& [_, codes] : stands_for_)
      printed = text::replace_all(printed, escape(codes.first), escape(codes.second));
    return printed;
  }

 private:
  static constexpr uint32_t kFirst = 0x100000;  // a plane that is all for private use

  static std::string escape(uint32_t code) { return fmt::format("\\U{:08x}", code); }
  static std::string utf8(uint32_t code) {  // of four bytes
    std::string out;
    for (const int shift : {18, 12, 6, 0})
      out += static_cast<char>((shift == 18 ? 0xf0 : 0x80) | ((code >> shift) & (shift == 18 ? 0x07 : 0x3f)));
    return out;
  }

  std::map<std::string, std::pair<uint32_t, uint32_t>> stands_for_;  // as written -> what stands for it, and its code
};

// Lines that a block after '|' gives back as they are.
bool fits_block(const std::string& text) {
  if (text.size() < 2 || text.find('\n') == text.npos || !text.ends_with('\n') || text.ends_with("\n\n")) return false;
  if (text[0] == ' ' || text[0] == '\n') return false;
  const auto lines = text::split(text, '\n');
  return std::all_of(lines.begin(), lines.end(), [](const auto& line) {
    return text::printable(line) == line &&
           !line.starts_with('\t');  // base/yaml.h refuses tabs that may be indentation
  });
}

class Writer {
 public:
  explicit Writer(const YAML::Node& document) : stand_ins_(document) { write(document); }

  std::string text() const {
    std::string text = stand_ins_.take_out_of(out_.c_str());
    if (text.ends_with('\n')) text.pop_back();  // of a block after '|'
    return text;
  }

 private:
  // Whether the text needed its escapes.
  bool write_escaped(const std::string& text) {
    if (!needs_escapes(text)) return false;
    out_ << YAML::DoubleQuoted << YAML::EscapeNonAscii << stand_ins_.put_into(text);
    return true;
  }

  void write_scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (write_escaped(text)) return;
    if (node.Tag() == "!")
      out_ << YAML::DoubleQuoted;
    else if (fits_block(text))
      out_ << YAML::Literal;
    out_ << text;
  }

  void write(const YAML::Node& node) {
    if (node.IsScalar()) {
      write_scalar(node);
    } else if (node.IsSequence()) {
      const bool flow = std::all_of(node.begin(), node.end(), [](const YAML::Node& item) {
        return item.IsScalar() && item.Scalar().find('\n') == std::string::npos;
      });
      if (flow) out_ << YAML::Flow;
      out_ << YAML::BeginSeq;
      for (const auto& item : node) write(item);
      out_ << YAML::EndSeq;
    } else {
      out_ << YAML::BeginMap;
      for (const auto& entry : node) {
        const std::string& key = entry.first.Scalar();
        if (key.size() > kMaxSimpleKey) out_ << YAML::LongKey;
        out_ << YAML::Key;
        if (!write_escaped(key)) out_ << key;
        out_ << YAML::Value;
        write(entry.second);
      }
      out_ << YAML::EndMap;
    }
  }

  StandIns stand_ins_;
  YAML::Emitter out_;
};

std::string text_of(const YAML::Node& node) { return Writer(node).text(); }

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
  const auto settings =
      sorted_settings(check, {"name", "samples limit", "on_bad_rows", "identity", "attributes", "warn_only",
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
  for (const auto& [key, value] : sorted_settings(check, {"name", "samples limit", "on_bad_rows", "identity",
                                                          "attributes", "warn", "fail", "failed rows query"})) {
    out += fmt::format("{}: {}\n", key, text_of(value));
  }
  return out;
}

}  // namespace metl::quality
