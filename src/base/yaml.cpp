#include "base/yaml.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/yaml_document.h"

namespace metl::yaml {

struct Node::Content {
  Kind kind = Kind::kAbsent;
  Mark place;
  std::string text;
  bool quoted = false;
  std::vector<Entry> entries;
};

Node::Node(Mark place, std::string text, bool quoted)
    : content_(std::make_shared<Content>(Content{Kind::kScalar, place, std::move(text), quoted, {}})) {}

Node::Node(Mark place, Kind kind, std::vector<Entry> entries)
    : content_(std::make_shared<Content>(Content{kind, place, {}, false, std::move(entries)})) {}

Node::Kind Node::kind() const { return content_ ? content_->kind : Kind::kAbsent; }

const std::string& Node::text() const {
  static const std::string kNothing;
  return content_ ? content_->text : kNothing;
}

bool Node::is_quoted() const { return content_ && content_->quoted; }
Mark Node::place() const { return content_ ? content_->place : Mark{}; }
size_t Node::size() const { return content_ ? content_->entries.size() : 0; }
const Node::Entry* Node::begin() const { return content_ ? content_->entries.data() : nullptr; }
const Node::Entry* Node::end() const { return content_ ? content_->entries.data() + size() : nullptr; }

Node Node::operator[](std::string_view key) const {
  if (!is_map()) return {};
  const Entry* found = std::find_if(
      begin(), end(), [&](const Entry& entry) { return entry.first.is_scalar() && entry.first.text() == key; });
  return found == end() ? Node() : found->second;
}

Node Node::operator[](size_t index) const { return is_sequence() && index < size() ? Node(begin()[index]) : Node(); }

Node load_text(const std::string& text, const std::string& name) {
  refuse_unreadable_bytes(text, name);
  return read_document(text, name);
}

Node load_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf() || file.peek() == std::ifstream::traits_type::eof())) {
    throw Error(Cause::kConfiguration, {path}, "cannot be read: no such file, or no right to read it");
  }
  return load_text(text.str(), path);
}

Place place_in(const std::string& file, const Node& node) { return {file, node.place().line, node.place().column}; }

Error error_at(const std::string& file, const Node& node, std::string_view message, std::string hint) {
  return {Cause::kConfiguration, place_in(file, node), message, std::move(hint)};
}

}  // namespace metl::yaml
