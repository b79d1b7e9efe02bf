// Pieces of SQL: names that the data's schema knows, literals, and the user's own conditions made safe to embed.
#pragma once

#include <string>
#include <string_view>

#include "quality/model/ast.h"
#include "sql/dialect.h"

namespace metl::quality {

// A column that exists, or a field at any depth of structs and of lists of structs: "a.b", "genres.name".
struct Column {
  std::string name;  // as the schema spells it
  std::string sql;   // quoted
  Type type;
};

// Throws Problem, with a hint at what was meant, when `schema` has no such column. `dataset` is for the message.
Column find_column(const Schema& schema, const std::string& name, const sql::Dialect& dialect, std::string_view dataset,
                   const Location& at);

// `beside`: what it is compared with.
std::string sql_of(const Literal& literal, Type::Kind beside, const sql::Dialect& dialect);

// A user's condition or query as one bracketed expression: "(\n...\n)". The newlines end a comment in its last line.
// The database `default`, a keyword to DuckDB, is quoted.
// Throws Problem when it does not stay inside brackets: quotes or brackets that do not pair up, an open comment, a
// second statement.
std::string embed(const std::string& sql, const Location& at);

// "a AND b" of two conditions, each of which may be "".
std::string both(const std::string& a, const std::string& b);

}  // namespace metl::quality
