#include "sql/dialect.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sql/names.h"

namespace metl::sql {
namespace {

// Is every match of the pattern, if there is one, the whole text? Said of patterns where that is plain to see:
// "^[A-Z]{2}$".
bool spans_whole_text(std::string_view pattern) {
  const bool anchored = pattern.size() > 2 && pattern.starts_with('^') && pattern.ends_with('$');
  if (!anchored || pattern[pattern.size() - 2] == '\\') return false;
  // An alternative may be without an anchor; flags change what anchors mean; \Q makes them letters.
  return pattern.find('|') == pattern.npos && pattern.find("(?") == pattern.npos && pattern.find("\\Q") == pattern.npos;
}

std::string duckdb_number(std::string_view number, Type::Kind) { return std::string(number); }

std::string duckdb_matches(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  // DuckDB 1.5 evaluates only the latter once for each value of a Parquet dictionary rather than for each row.
  const std::string_view function = spans_whole_text(pattern) ? "REGEXP_FULL_MATCH" : "REGEXP_MATCHES";
  return fmt::format("{}({}, {})", function, subject, dialect.literal(pattern));
}
std::string duckdb_without(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  // Of that name there may be another one, which means what Spark means by it.
  return fmt::format("system.main.regexp_replace({}, {}, '', 'g')", subject, dialect.literal(pattern));
}
std::string duckdb_field_of_elements(std::string_view list, std::string_view field) {
  return fmt::format("[element.{} for element in {}]", identifier(field), list);
}
std::string duckdb_type_name(const Type& type) {
  using Kind = Type::Kind;
  switch (type.kind) {
    case Kind::kInt:
      return "integer";
    case Kind::kString:
      return "varchar";
    case Kind::kBinary:
      return "blob";
    case Kind::kTimestamp:
      return "timestamp with time zone";
    case Kind::kTimestampNtz:
      return "timestamp";
    case Kind::kDecimal:
      return type.precision == 38 && type.scale == 0 ? "hugeint" : metl::type_name(type);
    case Kind::kArray:
      return duckdb_type_name(type.children.at(0).type) + "[]";
    case Kind::kMap:
      return fmt::format("map({}, {})", duckdb_type_name(type.children.at(0).type),
                         duckdb_type_name(type.children.at(1).type));
    case Kind::kStruct: {
      std::vector<std::string> fields;
      for (const auto& field : type.children)
        fields.push_back(fmt::format("{} {}", text::to_lower(field.name), duckdb_type_name(field.type)));
      return fmt::format("struct({})", fmt::join(fields, ", "));
    }
    default:
      return metl::type_name(type);
  }
}
std::string duckdb_elements(std::string_view list) { return fmt::format("LENGTH({})", list); }
std::string duckdb_any_element(std::string_view list, std::string_view name, std::string_view condition) {
  return fmt::format("len(list_filter({}, lambda {}: {})) > 0", list, name, condition);
}

// Spark would compare a float with the double 0.1, which none is equal to; Sail with a decimal, which infinity is not.
// What has an exponent is a double to every engine.
std::string spark_number(std::string_view number, Type::Kind beside) {
  const bool is_decimal = number.find('.') != number.npos && number.find_first_of("eE") == number.npos;
  if (is_decimal && beside == Type::Kind::kFloat) return fmt::format("CAST({} AS FLOAT)", number);
  if (is_decimal && beside == Type::Kind::kDouble) return fmt::format("CAST({} AS DOUBLE)", number);
  return std::string(number);
}

std::string spark_matches(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  return fmt::format("({} RLIKE {})", subject, dialect.literal(pattern));
}
std::string spark_without(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  return fmt::format("REGEXP_REPLACE({}, {}, '')", subject, dialect.literal(pattern));
}
std::string spark_field_of_elements(std::string_view list, std::string_view field) {
  return fmt::format("{}.{}", list, identifier(field));
}
std::string spark_elements(std::string_view list) { return fmt::format("SIZE({})", list); }
std::string spark_any_element(std::string_view list, std::string_view name, std::string_view condition) {
  return fmt::format("exists({}, {} -> {})", list, name, condition);
}

std::string duckdb_sort_key(const std::string& expression, const Type&) { return expression; }
std::string spark_own_sort_key(const std::string& expression, const Type& type) {
  return spark_sort_key(expression, type, identifier);
}

}  // namespace

std::string spark_sort_key(const std::string& expression, const Type& type,
                           std::string (*identifier)(std::string_view name)) {
  const auto nulls_last = [&](const std::string& value, const Type& inner) {
    return fmt::format("{} IS NULL, {}", value, spark_sort_key(value, inner, identifier));
  };
  switch (type.kind) {
    case Type::Kind::kArray:
      return fmt::format("transform({}, e -> struct({}))", expression, nulls_last("e", type.children[0].type));
    case Type::Kind::kStruct: {
      std::vector<std::string> fields;
      for (const auto& field : type.children)
        fields.push_back(nulls_last(fmt::format("{}.{}", expression, identifier(field.name)), field.type));
      return fmt::format("CASE WHEN {} IS NOT NULL THEN struct({}) END", expression, fmt::join(fields, ", "));
    }
    case Type::Kind::kMap:
      return fmt::format("transform(map_entries({}), e -> struct({}, {}))", expression,
                         spark_sort_key("e.key", type.children[0].type, identifier),
                         nulls_last("e.value", type.children[1].type));
    default:
      return expression;
  }
}

const Dialect& duckdb_dialect() {
  static const Dialect kDialect{.identifier = identifier,
                                .literal = literal,
                                .number = duckdb_number,
                                .matches = duckdb_matches,
                                .without = duckdb_without,
                                .field_of_elements = duckdb_field_of_elements,
                                .type_name = duckdb_type_name,
                                .elements = duckdb_elements,
                                .any_element = duckdb_any_element,
                                .sort_key = duckdb_sort_key};
  return kDialect;
}

// Names and texts are quoted as DuckDB has it: the Spark engine rewrites the quotes of all SQL that it is given.
const Dialect& spark_dialect() {
  static const Dialect kDialect{.identifier = identifier,
                                .literal = literal,
                                .number = spark_number,
                                .matches = spark_matches,
                                .without = spark_without,
                                .field_of_elements = spark_field_of_elements,
                                .type_name = metl::type_name,
                                .elements = spark_elements,
                                .any_element = spark_any_element,
                                .sort_key = spark_own_sort_key};
  return kDialect;
}

}  // namespace metl::sql
