#include "base/type.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <utility>

#include "base/text.h"

namespace metl {
namespace {

using Kind = Type::Kind;

// The first name of a kind is the one Spark prints; the others are aliases of Spark SQL, Delta and DuckDB.
constexpr std::array<std::pair<std::string_view, Kind>, 34> kNames{{
    {"boolean", Kind::kBoolean},
    {"bool", Kind::kBoolean},
    {"tinyint", Kind::kByte},
    {"byte", Kind::kByte},
    {"smallint", Kind::kShort},
    {"short", Kind::kShort},
    {"int", Kind::kInt},
    {"integer", Kind::kInt},
    {"int4", Kind::kInt},
    {"bigint", Kind::kLong},
    {"long", Kind::kLong},
    {"int8", Kind::kLong},
    {"float", Kind::kFloat},
    {"real", Kind::kFloat},
    {"float4", Kind::kFloat},
    {"double", Kind::kDouble},
    {"float8", Kind::kDouble},
    {"decimal", Kind::kDecimal},
    {"dec", Kind::kDecimal},
    {"numeric", Kind::kDecimal},
    {"string", Kind::kString},
    {"varchar", Kind::kString},
    {"char", Kind::kString},
    {"text", Kind::kString},
    {"character varying", Kind::kString},
    {"binary", Kind::kBinary},
    {"blob", Kind::kBinary},
    {"date", Kind::kDate},
    {"timestamp", Kind::kTimestamp},
    {"timestamp_ltz", Kind::kTimestamp},
    {"timestamp with time zone", Kind::kTimestamp},
    {"timestamptz", Kind::kTimestamp},
    {"timestamp_ntz", Kind::kTimestampNtz},
    {"timestamp without time zone", Kind::kTimestampNtz},
}};

// Recursive descent over "name(args)", "array<T>", "struct<name:T,...>", "map<K,V>".
class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : text_(text) {}

  std::optional<Type> whole() {
    auto type = one(0);
    skip();
    return type && at_ == text_.size() ? type : std::nullopt;
  }

 private:
  static constexpr int kMaxDepth = 64;  // a hostile "array<array<..." must not overflow the stack

  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string words() {  // letters, digits, '_' and single inner spaces, lower-cased
    skip();
    std::string out;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (std::isspace(c) != 0) {
        if (!out.empty() && out.back() != ' ') out += ' ';
      } else if (std::isalnum(c) != 0 || c == '_') {
        out += static_cast<char>(std::tolower(c));
      } else {
        break;
      }
      ++at_;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
  }
  std::optional<int> number() {
    skip();
    int value = 0;
    const size_t start = at_;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 && value < 100000) {
      value = value * 10 + (text_[at_++] - '0');
    }
    return at_ > start ? std::optional(value) : std::nullopt;
  }
  std::optional<std::string> field_name() {
    skip();
    std::string out;
    if (at_ < text_.size() && (text_[at_] == '`' || text_[at_] == '"')) {
      const char quote = text_[at_++];
      while (at_ < text_.size() && text_[at_] != quote) out += text_[at_++];
      return take(quote) && !out.empty() ? std::optional(out) : std::nullopt;
    }
    while (at_ < text_.size() && std::string_view(":,<>() \t\n").find(text_[at_]) == std::string_view::npos) {
      out += text_[at_++];
    }
    return out.empty() ? std::nullopt : std::optional(out);
  }

  std::optional<Type> one(int depth) {
    if (depth > kMaxDepth) return std::nullopt;
    const std::string name = words();
    if (name == "array" || name == "map") return container(name == "array", depth);
    if (name == "struct") return structure(depth);
    for (const auto& [known, kind] : kNames) {
      if (known == name) return primitive(kind);
    }
    return std::nullopt;
  }

  std::optional<Type> primitive(Kind kind) {
    Type type{.kind = kind, .children = {}};
    if (kind == Kind::kDecimal) {
      type.precision = 10;  // Spark's default for a bare "decimal"
      if (!take('(')) return type;
      const auto precision = number();
      const auto scale = take(',') ? number() : std::optional(0);
      if (!precision || !scale || !take(')') || *precision < 1 || *precision > 38 || *scale > *precision) return {};
      type.precision = *precision;
      type.scale = *scale;
    } else if (kind == Kind::kString && take('(')) {
      if (!number() || !take(')')) return {};
    }
    return type;
  }

  std::optional<Type> container(bool array, int depth) {
    if (!take('<')) return std::nullopt;
    Type type{.kind = array ? Kind::kArray : Kind::kMap, .children = {}};
    auto first = one(depth + 1);
    if (!first) return std::nullopt;
    type.children.push_back({array ? "element" : "key", *first, array, {}});
    if (!array) {
      auto second = take(',') ? one(depth + 1) : std::nullopt;
      if (!second) return std::nullopt;
      type.children.push_back({"value", *second, true, {}});
    }
    return take('>') ? std::optional(type) : std::nullopt;
  }

  std::optional<Type> structure(int depth) {
    if (!take('<')) return std::nullopt;
    Type type{.kind = Kind::kStruct, .children = {}};
    do {
      auto name = field_name();
      if (!name) return std::nullopt;
      take(':');
      auto field = one(depth + 1);
      if (!field) return std::nullopt;
      type.children.push_back({*name, *field, true, {}});
    } while (take(','));
    return take('>') ? std::optional(type) : std::nullopt;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

bool Field::operator==(const Field& other) const {
  return text::to_lower(name) == text::to_lower(other.name) && type == other.type;
}

std::optional<Type> parse_type(std::string_view text) { return TypeParser(text).whole(); }

std::string type_name(const Type& type) {
  switch (type.kind) {
    case Kind::kDecimal:
      return fmt::format("decimal({},{})", type.precision, type.scale);
    case Kind::kArray:
      return fmt::format("array<{}>", type_name(type.children.at(0).type));
    case Kind::kMap:
      return fmt::format("map<{},{}>", type_name(type.children.at(0).type), type_name(type.children.at(1).type));
    case Kind::kStruct: {
      std::vector<std::string> fields;
      for (const auto& field : type.children) fields.push_back(fmt::format("{}:{}", field.name, type_name(field.type)));
      return fmt::format("struct<{}>", fmt::join(fields, ","));
    }
    default:
      for (const auto& [name, kind] : kNames) {
        if (kind == type.kind) return std::string(name);
      }
      return "?";
  }
}

const Field* find_field(const Schema& schema, std::string_view name) {
  for (const auto& field : schema) {
    if (field.name == name) return &field;
  }
  const std::string wanted = text::to_lower(name);
  for (const auto& field : schema) {
    if (text::to_lower(field.name) == wanted) return &field;
  }
  return nullptr;
}

}  // namespace metl
