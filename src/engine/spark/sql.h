// Spark's SQL: names, literals, types, and users' SQL made safe to send.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/type.h"

namespace metl::engine::spark_sql {

std::string identifier(std::string_view name);  // `a``b`
std::string literal(std::string_view text);     // 'it\'s'
std::string identifiers(const std::vector<std::string>& names);
std::string type_text(const Type& type);          // array<struct<`id`:bigint>>
std::string columns_text(const Schema& columns);  // "`a` bigint, `b` string": a schema as CREATE TABLE has it

// A column as an expression that orders as the embedded engine orders it. Spark puts NULLs inside of arrays and structs
// first, DuckDB last; and Spark orders no maps.
std::string sort_key(const std::string& expression, const Type& type);

// "SELECT <columns> FROM (<select>)" with the view `source` defined as `source`, and nothing of ours on the lines of
// `select`: a line that Spark names is the user's.
std::string with_source(const std::string& source, const std::string& columns, const std::string& select);

// Where the user's part of a text by with_source() begins and ends; all of any other text.
std::pair<size_t, size_t> users_part(std::string_view sql);

// A SELECT without rows.
std::string empty_select(const Schema& columns);

// SQL of the portable dialect (docs/pipeline-sql.md) as Spark's: "names" in backticks; backslashes in texts for
// themselves, where Spark would read escapes; avg() a double, where Spark's of decimals is one, cut to a scale. Lines
// stay lines.
std::string from_portable(const std::string& sql);

// Throws Error{kConfiguration} for SQL that reaches outside of SQL: calls of Java methods, scripts.
void require_harmless(const std::string& sql);

// Portable SQL of users, harmless, as one that can only be a query. `views` maps lower-case "database.table" to the
// view of it: Spark's temporary views have no database.
std::string confined(const std::string& sql, const std::map<std::string, std::string>& views);

}  // namespace metl::engine::spark_sql
