#include "quality/plan/validity.h"

#include <fmt/format.h>

#include "quality/model/formats.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

template <typename T>
void prefer(std::optional<T>& own, const std::optional<T>& configured) {
  if (!own) own = configured;
}

void add_up(std::optional<std::vector<Literal>>& own, const std::optional<std::vector<Literal>>& configured) {
  if (!own)
    own = configured;
  else if (configured)
    own->insert(own->end(), configured->begin(), configured->end());
}

bool is_text(const Column& column) { return column.type.kind == Type::Kind::kString; }

class Conditions {
 public:
  Conditions(const Validity& validity, const Column& column, const Variables& variables, const sql::Dialect& dialect)
      : validity_(validity), column_(column), variables_(variables), dialect_(dialect) {}

  std::string missing() const {
    std::vector<std::string> any{column_.sql + " IS NULL"};
    add_in(any, validity_.missing_values);
    add_format(any, validity_.missing_format);
    add_regex(any, validity_.missing_regex);
    return fmt::format("({})", fmt::join(any, " OR "));
  }

  std::string valid() const {
    std::vector<std::string> all;
    add_in(all, validity_.valid_values);
    add_format(all, validity_.valid_format);
    add_regex(all, validity_.valid_regex);
    const bool nested = column_.type.is_nested();
    const std::string length = nested ? dialect_.elements(column_.sql) : fmt::format("LENGTH({})", text());
    add_bound(all, length, Type::Kind::kLong, "=", validity_.valid_length);
    add_bound(all, length, Type::Kind::kLong, ">=", validity_.valid_min_length);
    add_bound(all, length, Type::Kind::kLong, "<=", validity_.valid_max_length);
    const std::string number = number_sql(validity_, column_, dialect_);
    const Type::Kind kind = number == column_.sql ? column_.type.kind : Type::Kind::kDouble;
    add_bound(all, number, kind, ">=", validity_.valid_min);
    add_bound(all, number, kind, "<=", validity_.valid_max);
    return all.empty() ? "" : fmt::format("({})", fmt::join(all, " AND "));
  }

  std::string invalid() const {
    std::vector<std::string> any;
    add_format(any, validity_.invalid_format);
    add_in(any, validity_.invalid_values);
    add_regex(any, validity_.invalid_regex);
    return any.empty() ? "" : fmt::format("({})", fmt::join(any, " OR "));
  }

 private:
  std::string text() const { return is_text(column_) ? column_.sql : fmt::format("CAST({} AS STRING)", column_.sql); }

  void add_in(std::vector<std::string>& out, const std::optional<std::vector<Literal>>& values) const {
    if (!values) return;
    std::vector<std::string> literals;
    for (Literal literal : *values) {
      if ((literal.kind == Literal::Kind::kText) != (values->front().kind == Literal::Kind::kText)) {
        throw Problem{literal.value.at,
                      fmt::format("texts and numbers are mixed in the values of column '{}'", column_.name)};
      }
      literal.value.text = variables_.fill(literal.value);
      // A text is not read as a truth: what is neither would stop the query.
      if (literal.kind == Literal::Kind::kBoolean && is_text(column_)) literal.kind = Literal::Kind::kText;
      literals.push_back(sql_of(literal, column_.type.kind, dialect_));
    }
    out.push_back(fmt::format("{} IN ({})", column_.sql, fmt::join(literals, ", ")));
  }
  void add_format(std::vector<std::string>& out, const std::optional<Text>& name) const {
    if (name) out.push_back(dialect_.matches(text(), find_format(name->text)->regex, dialect_));
  }
  void add_regex(std::vector<std::string>& out, const std::optional<Text>& regex) const {
    if (regex) out.push_back(dialect_.matches(text(), variables_.fill(*regex), dialect_));
  }
  void add_bound(std::vector<std::string>& out, const std::string& subject, Type::Kind kind,
                 std::string_view comparison, const std::optional<Text>& bound) const {
    if (!bound) return;
    const std::string text = variables_.fill(*bound);
    if (!parse_number(text))
      throw Problem{bound->at, fmt::format("'{}' is '{}', which is not a number", bound->text, text)};
    out.push_back(fmt::format("{} {} {}", subject, comparison, dialect_.number(text, kind)));
  }

  const Validity& validity_;
  const Column& column_;
  const Variables& variables_;
  const sql::Dialect& dialect_;
};

constexpr std::optional<std::vector<Literal>> Validity::*kLists[] = {&Validity::missing_values, &Validity::valid_values,
                                                                     &Validity::invalid_values};
constexpr std::optional<Text> Validity::*kTexts[] = {
    &Validity::missing_format, &Validity::missing_regex,    &Validity::valid_format,    &Validity::valid_regex,
    &Validity::invalid_format, &Validity::invalid_regex,    &Validity::valid_min,       &Validity::valid_max,
    &Validity::valid_length,   &Validity::valid_min_length, &Validity::valid_max_length};

}  // namespace

Validity merge(const Validity& check, const Validity& configured) {
  Validity out = check;
  for (const auto list : kLists) add_up(out.*list, configured.*list);
  for (const auto text : kTexts) prefer(out.*text, configured.*text);
  prefer(out.include_null, configured.include_null);
  return out;
}

Validity overridden(const Validity& earlier, const Validity& later) {
  Validity out = later;
  for (const auto list : kLists) prefer(out.*list, earlier.*list);
  for (const auto text : kTexts) prefer(out.*text, earlier.*text);
  prefer(out.include_null, earlier.include_null);
  return out;
}

void change_texts(Validity& validity, const std::function<void(Text&)>& change) {
  for (const auto list : kLists) {
    if (!(validity.*list)) continue;
    for (auto& literal : *(validity.*list)) change(literal.value);
  }
  for (const auto text : kTexts) {
    if (validity.*text) change(*(validity.*text));
  }
}

ValiditySql validity_sql(const Validity& validity, const Column& column, const Variables& variables,
                         const sql::Dialect& dialect, bool compat) {
  const Conditions conditions(validity, column, variables, dialect);
  const std::string valid = conditions.valid();
  const std::string invalid = conditions.invalid();
  ValiditySql out;
  out.missing = conditions.missing();
  out.usable = fmt::format("NOT {}", out.missing);
  if (!valid.empty()) out.usable += " AND " + valid;
  // To Soda Core a value that is valid by one setting and invalid by another is both.
  if (!invalid.empty() && (valid.empty() || !compat)) out.usable += " AND NOT " + invalid;
  if (!valid.empty() || !invalid.empty()) {
    const std::string bad = valid.empty()     ? invalid
                            : invalid.empty() ? "NOT " + valid
                                              : fmt::format("(NOT {} OR {})", valid, invalid);
    out.invalid = fmt::format("NOT {} AND {}", out.missing, bad);
    if (validity.include_null.value_or(false)) out.invalid = fmt::format("({} OR {} IS NULL)", out.invalid, column.sql);
  }
  return out;
}

std::string number_sql(const Validity& validity, const Column& column, const sql::Dialect& dialect) {
  const Format* format = validity.valid_format ? find_format(validity.valid_format->text) : nullptr;
  if (format == nullptr || !format->number || !is_text(column)) return column.sql;
  // Only what has the format is cast: a text of another one is invalid, and must not stop the query. A cast that fails
  // all the same does stop the metric: TRY_CAST would let a text that is no number count as valid.
  return fmt::format("CASE WHEN {} THEN CAST(REPLACE({}, ',', '.') AS DOUBLE) END",
                     dialect.matches(column.sql, format->regex, dialect),
                     dialect.without(column.sql, "[^-0-9.,]", dialect));
}

}  // namespace metl::quality
