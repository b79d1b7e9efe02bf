// Names and texts as SQL writes them, and the names that are the program's own.
#pragma once

#include <string>
#include <string_view>

namespace metl::sql {

// Names that begin so are the engines' own; no column may have one.
constexpr std::string_view kReservedPrefix = "metl_";

// 'it''s' and "a""b". Safe for any content in DuckDB; the Spark engine rewrites the quotes of all SQL that it is given.
std::string literal(std::string_view text);
std::string identifier(std::string_view name);

}  // namespace metl::sql
