// YAML 1.2 as configuration, pipelines and checks are written in it, with the positions that error messages need: the
// one reader of the program.
//
// The parser is libyaml, the scanner that PyYAML and ruamel.yaml follow, and with them Dynaconf and Soda Core.
// Rejected: yaml-cpp, which takes a file whose quote is never closed and drops what follows (it still writes YAML, in
// quality/print.cpp), and libfyaml, which refuses what those readers accept, such as a closing bracket at the margin.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace metl::yaml {

// Where a node begins, counted from 1; 0: nowhere.
struct Mark {
  int line = 0;
  int column = 0;
};

// A text of a document and where it stands, "file:line:column: key", for what is found out about it later on.
struct PlacedText {
  std::string text;
  std::string place;
};

// A value of a document; a cheap handle, the content is never changed. Asking for what is not there gives a node that
// is not defined. Merge keys (<<) and aliases are resolved, so two nodes may have one place.
class Node {
 public:
  struct Entry;  // an item of a sequence, or `first` and `second` of a mapping
  enum class Kind { kAbsent, kNull, kScalar, kSequence, kMap };

  Node() = default;
  Node(Mark place, std::string text, bool quoted);
  Node(Mark place, Kind kind, std::vector<Entry> entries);

  bool is_defined() const { return kind() != Kind::kAbsent; }
  bool is_null() const { return kind() == Kind::kNull; }  // nothing, ~, null; also an empty file
  bool is_scalar() const { return kind() == Kind::kScalar; }
  bool is_sequence() const { return kind() == Kind::kSequence; }
  bool is_map() const { return kind() == Kind::kMap; }

  const std::string& text() const;  // of a scalar; "" for all else
  bool is_quoted() const;           // a text by its form: in quotes, a block, or tagged !!str
  Mark place() const;

  size_t size() const;  // of a sequence or mapping; 0 for all else
  const Entry* begin() const;
  const Entry* end() const;
  Node operator[](std::string_view key) const;
  Node operator[](size_t index) const;

 private:
  struct Content;
  Kind kind() const;

  std::shared_ptr<const Content> content_;
};

struct Node::Entry : Node {
  explicit Entry(Node item) : Node(std::move(item)) {}
  Entry(Node key, Node value) : first(std::move(key)), second(std::move(value)) {}

  Node first;
  Node second;
};

// The one document of a file; a null node for an empty file. Throws Error{kConfiguration} for a file that cannot be
// read and Error{kConfiguration}, "file:line:column: ...", for bytes that are not UTF-8, for what is not YAML, for a
// key that stands twice or is no scalar, a tag other than !!str and its like, a second document, more than 64 levels,
// and aliases that unfold to more than a million nodes or 64 MB.
Node load_file(const std::string& path);

// The same for text that came from `name`.
Node load_text(const std::string& text, const std::string& name);

// Of a node in the file that it was read from.
Place place_in(const std::string& file, const Node& node);

// Error{kConfiguration} at a node.
Error error_at(const std::string& file, const Node& node, std::string_view message, std::string hint = {});

}  // namespace metl::yaml
