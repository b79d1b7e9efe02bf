#include "base/type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/text.h"

namespace metl {
namespace {

using Kind = Type::Kind;

// The first name of a kind is the one Spark prints; the others are aliases of Spark SQL, Delta, DuckDB and the usual
// warehouses, where they mean the same in all of them (so `int8` is Postgres's, and Snowflake's wide `float` is none).
constexpr auto kNames = std::to_array<std::pair<std::string_view, Kind>>({
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
    {"logical", Kind::kBoolean},
    {"int1", Kind::kByte},
    {"byteint", Kind::kByte},
    {"int2", Kind::kShort},
    {"int16", Kind::kShort},
    {"utinyint", Kind::kShort},
    {"int32", Kind::kInt},
    {"signed", Kind::kInt},
    {"usmallint", Kind::kInt},
    {"int64", Kind::kLong},
    {"uinteger", Kind::kLong},
    {"float32", Kind::kFloat},
    {"double precision", Kind::kDouble},
    {"float64", Kind::kDouble},
    {"binary_double", Kind::kDouble},
    {"number", Kind::kDecimal},
    {"hugeint", Kind::kDecimal},
    {"ubigint", Kind::kDecimal},
    {"character", Kind::kString},
    {"char varying", Kind::kString},
    {"bpchar", Kind::kString},
    {"nchar", Kind::kString},
    {"nvarchar", Kind::kString},
    {"varchar2", Kind::kString},
    {"nvarchar2", Kind::kString},
    {"bytes", Kind::kBinary},
    {"bytea", Kind::kBinary},
    {"varbinary", Kind::kBinary},
    {"varbyte", Kind::kBinary},
    {"binary varying", Kind::kBinary},
    {"timestamp with local time zone", Kind::kTimestamp},
    {"timestamp_tz", Kind::kTimestamp},
    {"datetimeoffset", Kind::kTimestamp},
    {"timestampntz", Kind::kTimestampNtz},
    {"datetime", Kind::kTimestampNtz},
    {"datetime2", Kind::kTimestampNtz},
    {"timestamp_us", Kind::kTimestampNtz},
    {"timestamp_s", Kind::kTimestampNtz},
    {"timestamp_ms", Kind::kTimestampNtz},
    {"timestamp_ns", Kind::kTimestampNtz},
});

// What a decimal is whose precision is not given. Spark's default is that of `decimal` and `numeric`.
constexpr int precision_of(std::string_view name) {
  return name == "number" || name == "hugeint" ? 38 : name == "ubigint" ? 20 : 10;
}

// Recursive descent over "name(args)", "array<T>", "T[]", "struct<name:T,...>", "map<K,V>"; containers also in round
// brackets, as DuckDB and Trino write them.
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
    auto type = single(depth);
    for (int lists = 0; type && take('['); ++lists) {
      number();  // of DuckDB's arrays of a fixed length
      if (!take(']') || lists > kMaxDepth) return std::nullopt;
      Type list{.kind = Kind::kArray, .children = {}};
      list.children.push_back({"element", *type, true, {}});
      type = std::move(list);
    }
    return type;
  }

  std::optional<Type> single(int depth) {
    if (depth > kMaxDepth) return std::nullopt;
    const std::string name = words();
    if (name == "array" || name == "list" || name == "map") return container(name != "map", depth);
    if (name == "struct" || name == "row") return structure(depth);
    if (name == "timestamp" && take('(')) {  // timestamp(6) with time zone
      if (!number() || !take(')')) return std::nullopt;
      const std::string zone = words();
      return primitive(zone.empty() ? name : name + " " + zone);
    }
    return primitive(name);
  }

  std::optional<Type> primitive(const std::string& name) {
    const auto* const known =
        std::find_if(kNames.begin(), kNames.end(), [&](const auto& n) { return n.first == name; });
    if (known == kNames.end()) return std::nullopt;
    Type type{.kind = known->second, .children = {}};
    if (type.kind == Kind::kDecimal) {
      type.precision = precision_of(name);
      if (!take('(')) return type;
      const auto precision = number();
      const auto scale = take(',') ? number() : std::optional(0);
      if (!precision || !scale || !take(')') || *precision < 1 || *precision > 38 || *scale > *precision) return {};
      type.precision = *precision;
      type.scale = *scale;
    } else if ((type.kind == Kind::kString || type.kind == Kind::kBinary || name == "datetime2") && take('(')) {
      if (!(number() || words() == "max") || !take(')')) return {};
    }
    return type;
  }

  // The bracket that closes a container whose first one is taken; '\0' when there is none.
  char open() { return take('<') ? '>' : take('(') ? ')' : '\0'; }

  std::optional<Type> container(bool array, int depth) {
    const char close = open();
    if (close == '\0') return std::nullopt;
    Type type{.kind = array ? Kind::kArray : Kind::kMap, .children = {}};
    auto first = one(depth + 1);
    if (!first) return std::nullopt;
    type.children.push_back({array ? "element" : "key", *first, array, {}});
    if (!array) {
      auto second = take(',') ? one(depth + 1) : std::nullopt;
      if (!second) return std::nullopt;
      type.children.push_back({"value", *second, true, {}});
    }
    return take(close) ? std::optional(type) : std::nullopt;
  }

  std::optional<Type> structure(int depth) {
    const char close = open();
    if (close == '\0') return std::nullopt;
    Type type{.kind = Kind::kStruct, .children = {}};
    do {
      auto name = field_name();
      if (!name) return std::nullopt;
      take(':');
      auto field = one(depth + 1);
      if (!field) return std::nullopt;
      type.children.push_back({*name, *field, true, {}});
    } while (take(','));
    return take(close) ? std::optional(type) : std::nullopt;
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
