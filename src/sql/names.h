// Names and texts as SQL writes them, and the names that are the program's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metl::sql {

// Names that begin so are the engines' own; no column may have one.
constexpr std::string_view kReservedPrefix = "metl_";

// 'it''s' and "a""b". Safe for any content in DuckDB; the Spark engine rewrites the quotes of all SQL that it is given.
std::string literal(std::string_view text);
std::string identifier(std::string_view name);

// " ORDER BY ..." as the rows of a file are laid out by these columns: NULLs first. "" for no columns.
std::string order_by(const std::vector<std::string>& columns);

}  // namespace metl::sql
