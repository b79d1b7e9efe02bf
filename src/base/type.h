// Column types under the names Spark gives them ("bigint", "array<struct<id:bigint,name:string>>"): the one vocabulary
// of configuration, checks and error messages, whichever engine computes.
//
// Compared by structure, so case and spacing of a written type do not matter. Rejected: comparing text, which calls
// ARRAY<STRUCT<id: BIGINT>> and array<struct<id:bigint>> different.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace metl {

struct Type;

// A named part of a struct, or a column.
struct Field;

struct Type {
  enum class Kind {  // in this order: is_whole() and is_number() are ranges of it
    kBoolean,
    kByte,
    kShort,
    kInt,
    kLong,
    kFloat,
    kDouble,
    kDecimal,
    kString,
    kBinary,
    kDate,
    kTimestamp,
    kTimestampNtz,
    kArray,
    kStruct,
    kMap,
  };
  Kind kind = Kind::kString;
  int precision = 0;            // decimal only, 1..38
  int scale = 0;                // decimal only, 0..precision
  std::vector<Field> children;  // array: {element}; struct: its fields; map: {key, value}

  bool operator==(const Type& other) const;
  bool is_nested() const { return !children.empty(); }
  bool is_whole() const { return kind >= Kind::kByte && kind <= Kind::kLong; }
  bool is_number() const { return kind >= Kind::kByte && kind <= Kind::kDecimal; }
};

struct Field {
  std::string name;
  Type type;
  bool nullable = true;
  std::string comment;

  // Name (case-insensitive, as Spark resolves) and type; nullability and comment are not part of a type.
  bool operator==(const Field& other) const;
};

inline bool Type::operator==(const Type& other) const {
  return kind == other.kind && precision == other.precision && scale == other.scale && children == other.children;
}

using Schema = std::vector<Field>;

// Parses a Spark type name or one of its SQL aliases (long, integer, real, text, varchar(n), struct<a bigint>, ...).
// Empty when it is none.
std::optional<Type> parse_type(std::string_view text);

// The Spark catalog's simple name: "bigint", "decimal(10,2)", "array<struct<id:bigint,name:string>>".
std::string type_name(const Type& type);

// The field of that name, or else one of that name in another case, or null. The pointer lives as long as `schema`.
const Field* find_field(const Schema& schema, std::string_view name);

}  // namespace metl
