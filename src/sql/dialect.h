// Where DuckDB's and Spark's SQL differ. Everything else that the program writes is common to both.
#pragma once

#include <string>
#include <string_view>

#include "base/type.h"

namespace metl::sql {

struct Dialect {
  std::string (*identifier)(std::string_view name);
  std::string (*literal)(std::string_view text);
  // A number as it stands beside a value of a type in a comparison; 0.1 beside a float means the float nearest to it.
  std::string (*number)(std::string_view number, Type::Kind beside);
  // Boolean: does the SQL text `subject` contain a match of the pattern (given as text, not as SQL)?
  std::string (*matches)(std::string_view subject, std::string_view pattern, const Dialect& dialect);
  // The SQL text `subject` without every match of the pattern.
  std::string (*without)(std::string_view subject, std::string_view pattern, const Dialect& dialect);
  // A list of structs, as SQL -> the list of one of their fields.
  std::string (*field_of_elements)(std::string_view list, std::string_view field);
  // What the database calls a type, as Soda Core's sources for it do: "integer", "varchar", "double[]".
  std::string (*type_name)(const Type& type);
  // How many elements a list or map has; NULL for NULL.
  std::string (*elements)(std::string_view list);
  // Boolean: whether the condition holds for any element of a list, which it calls `name`.
  std::string (*any_element)(std::string_view list, std::string_view name, std::string_view condition);
  // A value of a type as what it is sorted by; NULLs inside of nested values come last on both engines then.
  std::string (*sort_key)(const std::string& expression, const Type& type);
};

// Spark's, with its names quoted by `identifier`.
std::string spark_sort_key(const std::string& expression, const Type& type,
                           std::string (*identifier)(std::string_view name));

// Both live as long as the process.
const Dialect& duckdb_dialect();
const Dialect& spark_dialect();

}  // namespace metl::sql
