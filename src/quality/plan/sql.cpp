#include "quality/plan/sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace metl::quality {
namespace {

bool begins_with(std::string_view path, std::string_view name) {
  return path.size() >= name.size() && text::to_lower(path.substr(0, name.size())) == text::to_lower(name);
}

// The field of a struct at a path below `outer`, or of the structs of a list: that is the list of their fields.
std::optional<Column> field_below(const Column& outer, std::string_view path, const sql::Dialect& dialect) {
  const bool list = outer.type.kind == Type::Kind::kArray;
  const Type& parts = list ? outer.type.children[0].type : outer.type;
  if (parts.kind != Type::Kind::kStruct) return std::nullopt;
  for (const auto& field : parts.children) {
    if (!begins_with(path, field.name)) continue;
    const std::string sql =
        list ? dialect.field_of_elements(outer.sql, field.name) : outer.sql + "." + dialect.identifier(field.name);
    Column inner{outer.name + "." + field.name, sql, field.type};
    if (list) inner.type = {Type::Kind::kArray, 0, 0, {{"element", field.type, true, ""}}};
    if (path.size() == field.name.size()) return inner;
    if (path[field.name.size()] != '.') continue;
    if (auto found = field_below(inner, path.substr(field.name.size() + 1), dialect)) return found;
  }
  return std::nullopt;
}

// The end of a quoted text or comment that starts at `from`; `from` itself when none starts there. Throws Problem for
// one that is open, and for the kinds that DuckDB and Spark end at different places.
size_t skip_quoted(std::string_view sql, size_t from, const Location& at) {
  const char c = sql[from];
  if (c == '\'' || c == '"' || c == '`') {
    const size_t close = sql.find(c, from + 1);  // a doubled quote reads as two texts side by side
    if (close == std::string_view::npos) throw Problem{at, fmt::format("a quote {} of the SQL is not closed", c)};
    if (sql[close - 1] == '\\')
      throw Problem{at, "a backslash stands before a quote of the SQL; double the quote, or use chr(92)"};
    return close + 1;
  }
  if (sql.substr(from, 2) == "--") return std::min(sql.find_first_of("\r\n", from), sql.size());
  if (sql.substr(from, 2) == "/*") {
    const size_t close = sql.find("*/", from + 2);
    if (close == std::string_view::npos) throw Problem{at, "a comment of the SQL is not closed"};
    if (sql.substr(from + 2, close - from - 2).find("/*") != std::string_view::npos) {
      throw Problem{at, "a comment of the SQL stands inside another"};
    }
    return close + 2;
  }
  if (c == '$' && from + 1 < sql.size() && sql[from + 1] != '{')
    throw Problem{at, "the SQL holds a '$' outside of quotes"};
  return from;
}

// Is the word at `at` the database `default`, before the dot of a table's name? DuckDB takes it for a keyword.
bool is_default_database(std::string_view sql, size_t at) {
  constexpr std::string_view kName = "default.";
  const auto is_of_name = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.'; };
  return (at == 0 || !is_of_name(static_cast<unsigned char>(sql[at - 1]))) && begins_with(sql.substr(at), kName);
}

}  // namespace

Column find_column(const Schema& schema, const std::string& name, const sql::Dialect& dialect, std::string_view dataset,
                   const Location& at) {
  if (const Field* field = find_field(schema, name)) return {field->name, dialect.identifier(field->name), field->type};
  const size_t dot = name.find('.');
  if (const Field* outer = dot == std::string::npos ? nullptr : find_field(schema, name.substr(0, dot))) {
    const Column column{outer->name, dialect.identifier(outer->name), outer->type};
    if (auto inner = field_below(column, std::string_view(name).substr(dot + 1), dialect)) return *inner;
  }
  std::vector<std::string> known;
  for (const auto& field : schema) known.push_back(field.name);
  throw Problem{at, fmt::format("dataset '{}' has no column '{}'.{}", dataset, name, text::did_you_mean(name, known))};
}

std::string sql_of(const Literal& literal, Type::Kind beside, const sql::Dialect& dialect) {
  return literal.kind == Literal::Kind::kText ? dialect.literal(literal.value.text)
                                              : dialect.number(literal.value.text, beside);
}

std::string embed(const std::string& sql, const Location& at) {
  std::string_view text = text::trim(sql);
  while (text.ends_with(';')) text = text::trim(text.substr(0, text.size() - 1));
  if (text.empty()) throw Problem{at, "the SQL is empty"};
  int depth = 0;
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t end = skip_quoted(text, i, at);
    if (end > i) {
      out += text.substr(i, end - i);
      i = end;
      continue;
    }
    if (is_default_database(text, i)) {
      out += "\"default\"";
      i += std::string_view("default").size();
      continue;
    }
    if (text[i] == ';') throw Problem{at, "the SQL holds more than one statement"};
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth < 0) break;
    out += text[i++];
  }
  if (depth != 0) throw Problem{at, "the brackets of the SQL do not pair up"};
  return fmt::format("(\n{}\n)", out);
}

std::string both(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a + b;
  return a + " AND " + b;
}

}  // namespace metl::quality
