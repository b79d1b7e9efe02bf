#include "base/yaml_document.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/text.h"
#include "base/unicode.h"

namespace metl::yaml {
namespace {

constexpr size_t kMaxDepth = 64;
constexpr uint64_t kMaxNodes = 1'000'000;
constexpr uint64_t kBytesOfNode = 64;  // a longer text counts as several
constexpr std::string_view kCoreTags = "tag:yaml.org,2002:";

Mark place_of(const yaml_mark_t& mark) { return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1}; }

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

bool is_null_text(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

struct DeleteEvent {
  void operator()(yaml_event_t* event) const {
    yaml_event_delete(event);
    delete event;
  }
};
using Event = std::unique_ptr<yaml_event_t, DeleteEvent>;

class DocumentReader {
 public:
  DocumentReader(const std::string& text, const std::string& file) : text_(text), file_(file) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~DocumentReader() { yaml_parser_delete(&parser_); }
  DocumentReader(const DocumentReader&) = delete;
  DocumentReader& operator=(const DocumentReader&) = delete;

  Node read() {
    next();  // the stream's start
    if (next()->type == YAML_STREAM_END_EVENT) return {{}, Node::Kind::kNull, {}};
    Tree tree = value(*next());
    next();  // the document's end
    if (const Event after = next(); after->type != YAML_STREAM_END_EVENT)
      refuse(place_of(after->start_mark), "a second YAML document starts; put it into a file of its own");
    return tree.node;
  }

 private:
  struct Tree {
    Node node;
    uint64_t nodes = 1;  // with aliases unfolded
  };

  [[noreturn]] void refuse(Mark at, std::string_view message, std::string hint = {}) const {
    throw Error(Cause::kConfiguration, {file_, at.line, at.column}, message, std::move(hint));
  }

  // What libyaml found, at the place to look at: of what is never closed, where it was opened.
  [[noreturn]] void refuse_syntax() const {
    const std::string_view problem = parser_.problem == nullptr ? "unreadable" : parser_.problem;
    const std::string_view context = parser_.context == nullptr ? "" : parser_.context;
    if (parser_.error == YAML_READER_ERROR) {
      const std::string before = text_.substr(0, std::min(parser_.problem_offset, text_.size()));
      const int line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
      refuse({line, static_cast<int>(before.size() - (before.rfind('\n') + 1)) + 1},
             fmt::format("not valid YAML: {}", problem));
    }
    const Mark at = place_of(parser_.problem_mark);
    const Mark opened = place_of(parser_.context_mark);
    if (context == "while scanning a quoted scalar" && problem.starts_with("found unexpected")) {
      refuse(opened, "not valid YAML: the quote that opens here is never closed", "Close the quote, or take it away.");
    }
    if (context == "while scanning a simple key") {
      refuse(opened, "not valid YAML: a key without ':'", "Write 'key: value'. Is the file cut off here?");
    }
    if (parser_.problem_mark.index < text_.size() && character(parser_.problem_mark.index) == '\t') {
      refuse(at, "not valid YAML: a tab stands where the line is indented", "Tabs may not indent YAML: use spaces.");
    }
    const bool elsewhere = !context.empty() && (opened.line != at.line || opened.column != at.column);
    refuse(at, fmt::format(
                   "not valid YAML: {}{}", problem,
                   elsewhere ? fmt::format(" ({} from line {}, column {})", context, opened.line, opened.column) : ""));
  }

  // libyaml counts characters, not bytes.
  char character(size_t index) const {
    size_t at = 0;
    for (; index > 0 && at < text_.size(); --index) at += text::code_point(text_, at).length;
    return at < text_.size() ? text_[at] : '\0';
  }

  Event next() {
    auto event = std::make_unique<yaml_event_t>();
    if (yaml_parser_parse(&parser_, event.get()) == 0) refuse_syntax();
    return Event(event.release());
  }

  Tree value(const yaml_event_t& event) {
    const Mark at = place_of(event.start_mark);
    switch (event.type) {
      case YAML_ALIAS_EVENT: {
        const std::string_view name = view(event.data.alias.anchor);
        if (const auto known = anchors_.find(name); known != anchors_.end()) return known->second;
        refuse(at, fmt::format("the alias '*{}' stands for nothing that is complete before it", name));
      }
      case YAML_SCALAR_EVENT:
        return remember(view(event.data.scalar.anchor), scalar(event));
      case YAML_SEQUENCE_START_EVENT:
        require_tag(at, view(event.data.sequence_start.tag), "seq");
        return remember(view(event.data.sequence_start.anchor), sequence(at));
      default:
        require_tag(at, view(event.data.mapping_start.tag), "map");
        return remember(view(event.data.mapping_start.anchor), mapping(at));
    }
  }

  Tree remember(std::string_view anchor, Tree tree) {
    if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), tree);
    return tree;
  }

  Tree scalar(const yaml_event_t& event) const {
    const auto& given = event.data.scalar;
    const Mark at = place_of(event.start_mark);
    std::string text(reinterpret_cast<const char*>(given.value), given.length);
    const std::string_view tag = view(given.tag);
    bool quoted = given.style != YAML_PLAIN_SCALAR_STYLE || tag == "!";
    if (tag.starts_with(kCoreTags)) {
      const std::string_view kind = tag.substr(kCoreTags.size());
      quoted = kind == "str";
      if (!quoted && kind != "int" && kind != "float" && kind != "bool" && kind != "null") refuse_tag(at, tag);
    } else if (!tag.empty() && tag != "!") {
      refuse_tag(at, tag);
    }
    const uint64_t nodes = 1 + text.size() / kBytesOfNode;
    if (!quoted && is_null_text(text)) return {{at, Node::Kind::kNull, {}}, nodes};
    return {{at, std::move(text), quoted}, nodes};
  }

  void require_tag(Mark at, std::string_view tag, std::string_view kind) const {
    if (tag.empty() || tag == "!" || (tag.starts_with(kCoreTags) && tag.substr(kCoreTags.size()) == kind)) return;
    refuse_tag(at, tag);
  }
  [[noreturn]] void refuse_tag(Mark at, std::string_view tag) const {
    const bool core = tag.starts_with(kCoreTags);
    refuse(at, fmt::format("unknown tag '{}{}'", core ? "!!" : "", core ? tag.substr(kCoreTags.size()) : tag),
           "Tags mean nothing here: take it away, or quote a text that begins with '!'.");
  }

  void open(Mark at) {
    if (++depth_ > kMaxDepth) refuse(at, fmt::format("more than {} levels inside one another", kMaxDepth));
  }
  // Before the tree grows, because every later walk over it follows the aliases.
  void count(uint64_t& all, uint64_t more, Mark at) const {
    all += more;
    if (all > kMaxNodes) refuse(at, "the file unfolds to more than a million values, or 64 MB of text");
  }

  Tree sequence(Mark at) {
    open(at);
    std::vector<Node::Entry> items;
    uint64_t nodes = 1;
    for (Event event = next(); event->type != YAML_SEQUENCE_END_EVENT; event = next()) {
      Tree item = value(*event);
      count(nodes, item.nodes, place_of(event->start_mark));
      items.emplace_back(std::move(item.node));
    }
    --depth_;
    return {{at, Node::Kind::kSequence, std::move(items)}, nodes};
  }

  Tree mapping(Mark at) {
    open(at);
    std::vector<Node::Entry> entries;
    std::set<std::string> seen;
    std::vector<Node::Entry> merged;
    uint64_t nodes = 1;
    for (Event event = next(); event->type != YAML_MAPPING_END_EVENT; event = next()) {
      const Mark key_at = place_of(event->start_mark);
      const Tree key = value(*event);
      if (key.node.is_map() || key.node.is_sequence())
        refuse(key_at, "a key must be a plain text", "Quote a text that begins with '{' or '['.");
      if (!seen.insert(key.node.text()).second) {
        refuse(key_at, fmt::format("key '{}' stands twice in the same mapping", key.node.text()),
               "Remove one of the two.");
      }
      Tree inner = value(*next());
      count(nodes, key.nodes + inner.nodes, key_at);
      if (key.node.text() == "<<" && !key.node.is_quoted()) {
        merge(merged, inner.node, key_at);
      } else {
        entries.emplace_back(key.node, std::move(inner.node));
      }
    }
    // A mapping's own keys are stronger than those it takes over.
    for (auto& entry : merged) {
      if (seen.insert(entry.first.text()).second) entries.push_back(std::move(entry));
    }
    --depth_;
    return {{at, Node::Kind::kMap, std::move(entries)}, nodes};
  }

  // What `<<` takes over: of several mappings, the first that has a key.
  void merge(std::vector<Node::Entry>& out, const Node& from, Mark at) const {
    if (from.is_map()) {
      out.insert(out.end(), from.begin(), from.end());
      return;
    }
    const bool of_maps =
        from.is_sequence() && std::all_of(from.begin(), from.end(), [](const Node& one) { return one.is_map(); });
    if (!of_maps) refuse(at, "'<<' takes over the keys of a mapping or of a list of mappings, as in '<<: *name'");
    for (const auto& one : from) merge(out, one, at);
  }

  const std::string& text_;
  const std::string& file_;
  yaml_parser_t parser_{};
  std::map<std::string, Tree, std::less<>> anchors_;
  size_t depth_ = 0;
};

}  // namespace

void refuse_unreadable_bytes(const std::string& text, const std::string& file) {
  int line = 1;
  size_t line_start = 0;
  for (size_t at = 0; at < text.size();) {
    const text::CodePoint next = text::code_point(text, at);
    const bool space = next.code == '\n' || next.code == '\r' || next.code == '\t';
    const auto place = [&] { return Place{file, line, static_cast<int>(at - line_start) + 1}; };
    if (!next.valid || (next.code < 0x20 && !space)) {
      throw Error(Cause::kConfiguration, place(),
                  fmt::format("byte 0x{:02x} is {}", next.code,
                              next.valid ? "a control character; between double quotes it can be written as \\x.."
                                         : "not UTF-8; save the file as UTF-8"));
    }
    if (next.code == 0x85 || next.code == 0x2028 || next.code == 0x2029) {
      throw Error(Cause::kConfiguration, place(),
                  fmt::format("the character U+{:04X} breaks lines in some readers of YAML and not "
                              "in others; between double quotes it can be written as \\u{:04x}",
                              next.code, next.code));
    }
    at += next.length;
    if (next.code != '\n') continue;
    ++line;
    line_start = at;
  }
}

Node read_document(const std::string& text, const std::string& file) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // as some editors begin a file
  const std::string rest = text.substr(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  return DocumentReader(rest, file).read();
}

}  // namespace metl::yaml
