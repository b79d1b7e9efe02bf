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

std::string spark_identifier(std::string_view name) {
  return "`" + text::replace_all(std::string(name), "`", "``") + "`";
}
// Spark reads backslashes in a literal as escapes, unless told otherwise by a session setting that is not ours.
std::string spark_literal(std::string_view text) {
  return "'" + text::replace_all(text::replace_all(std::string(text), "\\", "\\\\"), "'", "\\'") + "'";
}
std::string spark_matches(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  return fmt::format("({} RLIKE {})", subject, dialect.literal(pattern));
}
std::string spark_without(std::string_view subject, std::string_view pattern, const Dialect& dialect) {
  return fmt::format("REGEXP_REPLACE({}, {}, '')", subject, dialect.literal(pattern));
}

}  // namespace

Dialect duckdb_dialect() { return {text::sql_identifier, text::sql_literal, duckdb_matches, duckdb_without}; }
Dialect spark_dialect() { return {spark_identifier, spark_literal, spark_matches, spark_without}; }

}  // namespace metl::quality
