#include "quality/dialect.h"

#include <fmt/format.h>

#include "base/text.h"

namespace metl::quality {
namespace {

std::string duckdb_matches(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  return fmt::format("REGEXP_MATCHES({}, {})", subject, dialect.literal(pattern));
}
std::string duckdb_without(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  return fmt::format("REGEXP_REPLACE({}, {}, '', 'g')", subject, dialect.literal(pattern));
}
std::string duckdb_field_of_elements(std::string_view list, std::string_view field) {
  return fmt::format("[element.{} for element in {}]", text::sql_identifier(field), list);
}
std::string duckdb_elements(std::string_view list) { return fmt::format("LENGTH({})", list); }

std::string spark_matches(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  return fmt::format("({} RLIKE {})", subject, dialect.literal(pattern));
}
std::string spark_without(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  return fmt::format("REGEXP_REPLACE({}, {}, '')", subject, dialect.literal(pattern));
}
std::string spark_field_of_elements(std::string_view list, std::string_view field) {
  return fmt::format("{}.{}", list, text::sql_identifier(field));
}
std::string spark_elements(std::string_view list) { return fmt::format("SIZE({})", list); }

}  // namespace

Dialect duckdb_dialect() {
  return {text::sql_identifier, text::sql_literal,        duckdb_matches,
          duckdb_without,       duckdb_field_of_elements, duckdb_elements};
}
// Names and texts are quoted as DuckDB has it: the Spark engine rewrites the quotes of all SQL that it is given.
Dialect spark_dialect() {
  return {text::sql_identifier, text::sql_literal,       spark_matches,
          spark_without,        spark_field_of_elements, spark_elements};
}

}  // namespace metl::quality
