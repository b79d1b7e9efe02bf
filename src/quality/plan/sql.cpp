#include "quality/plan/sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sql/tokens.h"

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

// Throws Problem for what is not closed, and for what DuckDB and Spark end at different places.
void require_plain(const sql::Token& token, bool before_brace, const Location& at) {
  using Kind = sql::Token::Kind;
  const char quote = token.text.front();
  if ((token.kind == Kind::kOther || token.kind == Kind::kText) && quote == '$' && !before_brace)
    throw Problem{at, "the SQL holds a '$' outside of quotes"};
  if (token.kind == Kind::kComment) {
    if (!token.is_closed) throw Problem{at, "a comment of the SQL is not closed"};
    if (token.text.find("/*", 1) != std::string_view::npos && token.text.starts_with("/*"))
      throw Problem{at, "a comment of the SQL stands inside another"};
  }
  if (token.kind != Kind::kText && token.kind != Kind::kName) return;
  if (!token.is_closed) throw Problem{at, fmt::format("a quote {} of the SQL is not closed", quote)};
  if (token.text.find(std::string{'\\', quote}) != std::string_view::npos)
    throw Problem{at, "a backslash stands before a quote of the SQL; double the quote, or use chr(92)"};
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
  const auto tokens = sql::tokens_of(text);
  for (size_t i = 0; i < tokens.size() && depth >= 0; ++i) {
    const auto& token = tokens[i];
    const std::string_view after = i + 1 < tokens.size() ? tokens[i + 1].text : std::string_view();
    require_plain(token, after == "{", at);
    if (token.text == ";") throw Problem{at, "the SQL holds more than one statement"};
    if (token.text == "(") ++depth;
    if (token.text == ")") --depth;
    // DuckDB takes the database `default` for a keyword.
    const bool is_database = token.kind == sql::Token::Kind::kWord && after == "." &&
                             text::to_lower(token.text) == "default" && (i == 0 || tokens[i - 1].text != ".");
    out += is_database ? "\"default\"" : token.text;
  }
  if (depth != 0) throw Problem{at, "the brackets of the SQL do not pair up"};
  return fmt::format("(\n{}\n)", out);
}

std::string both(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a + b;
  return a + " AND " + b;
}

}  // namespace metl::quality
