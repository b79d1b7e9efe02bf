#include "engine/spark/sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "sql/dialect.h"
#include "sql/tokens.h"

namespace metl::engine::spark_sql {
namespace {

constexpr std::string_view kBefore = "FROM (/* the transform */";
constexpr std::string_view kAfter = "\n) AS metl_target";

using sql::Token;

// A name without its quotes, in lower case.
std::string name_of(const Token& token) { return text::to_lower(token.unquoted()); }

// The next piece that is not space, from `from` on; the number of pieces when there is none.
size_t next(const std::vector<Token>& all, size_t from) {
  while (from < all.size() && all[from].is_blank()) ++from;
  return from;
}

bool is_dot(const std::vector<Token>& all, size_t at) { return at < all.size() && all[at].text == "."; }
bool is_name(const std::vector<Token>& all, size_t at) { return at < all.size() && all[at].is_name(); }

// A piece as Spark has to read it, whatever stands around it.
std::string spark_token(const Token& token) {
  if (!token.is_closed) return std::string(token.text);
  if (token.kind == Token::Kind::kText && token.text.front() == '\'') return literal(token.unquoted());
  return token.text.front() == '"' ? identifier(token.unquoted()) : std::string(token.text);
}

// Pieces, one after the other, as Spark has to read them.
class SparkText {
 public:
  explicit SparkText(const std::vector<Token>& all) : all_(all) {}

  // The piece at this place, which follows the one of the last call.
  void add(size_t at) {
    const Token& token = all_[at];
    if (token.text == "(") {
      add_opening(at);
    } else if (token.text == ")" && !closings_.empty()) {
      out_ += closings_.back();
      closings_.pop_back();
    } else {
      out_ += spark_token(token);
    }
    if (!token.is_blank()) last_ = token;
    if (at == factor_from_) out_ += '(';
  }

  void add_text(const std::string& text) {
    out_ += text;
    last_ = {Token::Kind::kWord, {}};
  }

  std::string text() && { return std::move(out_); }

 private:
  // avg(x) as avg((x) * 1D), which is a double of every number, and still an interval of intervals.
  void add_opening(size_t at) {
    const bool is_average = last_.is_name() && (is(last_, "avg") || is(last_, "mean"));
    out_ += '(';
    closings_.emplace_back(is_average ? ") * 1D)" : ")");
    if (!is_average) return;
    const size_t first = next(all_, at + 1);
    if (is_name(all_, first) && (is(all_[first], "distinct") || is(all_[first], "all"))) {
      factor_from_ = first;
    } else {
      out_ += '(';
    }
  }

  static bool is(const Token& token, std::string_view word) { return text::to_lower(token.text) == word; }

  const std::vector<Token>& all_;
  std::string out_;
  Token last_{Token::Kind::kSpace, {}};          // that was no space
  std::vector<std::string> closings_;            // of the brackets that are open
  size_t factor_from_ = std::string_view::npos;  // the DISTINCT behind which an average's argument begins
};

}  // namespace

std::string identifier(std::string_view name) { return "`" + text::replace_all(std::string(name), "`", "``") + "`"; }

std::string literal(std::string_view text) {
  return "'" + text::replace_all(text::replace_all(std::string(text), "\\", "\\\\"), "'", "\\'") + "'";
}

std::string identifiers(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const auto& name : names) quoted.push_back(identifier(name));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::string type_text(const Type& type) {
  const auto child = [&](size_t i) { return type_text(type.children[i].type); };
  switch (type.kind) {
    case Type::Kind::kArray:
      return fmt::format("array<{}>", child(0));
    case Type::Kind::kMap:
      return fmt::format("map<{},{}>", child(0), child(1));
    case Type::Kind::kStruct: {
      std::vector<std::string> fields;
      for (const auto& field : type.children)
        fields.push_back(fmt::format("{}:{}", identifier(field.name), type_text(field.type)));
      return fmt::format("struct<{}>", fmt::join(fields, ","));
    }
    default:
      return type_name(type);
  }
}

std::string columns_text(const Schema& columns) {
  std::vector<std::string> parts;
  for (const auto& column : columns) parts.push_back(identifier(column.name) + " " + type_text(column.type));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string sort_key(const std::string& expression, const Type& type) {
  return sql::spark_sort_key(expression, type, identifier);
}

std::string with_source(const std::string& source, const std::string& columns, const std::string& select) {
  return fmt::format("WITH source AS ({}) SELECT {} {}{}{}", source, columns, kBefore, select, kAfter);
}

std::pair<size_t, size_t> users_part(std::string_view sql) {
  const size_t before = sql.find(kBefore), after = sql.rfind(kAfter);
  if (before == sql.npos || after == sql.npos) return {0, sql.size()};
  return {before + kBefore.size(), after};
}

std::string empty_select(const Schema& columns) {
  std::vector<std::string> parts;
  for (const auto& column : columns)
    parts.push_back(fmt::format("CAST(NULL AS {}) AS {}", type_text(column.type), identifier(column.name)));
  return fmt::format("SELECT {} WHERE false", fmt::join(parts, ", "));
}

std::string from_portable(const std::string& sql) {
  const auto all = sql::tokens_of(sql);
  SparkText out(all);
  for (size_t i = 0; i < all.size(); ++i) out.add(i);
  return std::move(out).text();
}

void require_harmless(const std::string& sql) {
  const auto all = sql::tokens_of(sql);
  constexpr std::array kJava{"reflect", "try_reflect", "java_method"};
  for (size_t i = 0; i < all.size(); ++i) {
    if (!is_name(all, i)) continue;
    const size_t after = next(all, i + 1);
    const std::string name = name_of(all[i]);
    const bool calls = after < all.size() && all[after].text == "(";
    if (calls && std::find(kJava.begin(), kJava.end(), name) != kJava.end())
      throw Error(Cause::kConfiguration, fmt::format("the SQL calls {}(): no Java method may be run", name));
    if (name == "using" && after < all.size() && all[after].kind == Token::Kind::kText)
      throw Error(Cause::kConfiguration, "the SQL has USING before a text: no script may be run");
  }
}

std::string confined(const std::string& sql, const std::map<std::string, std::string>& views) {
  require_harmless(sql);
  const auto all = sql::tokens_of(sql);
  SparkText out(all);
  for (size_t i = 0; i < all.size(); ++i) {
    const size_t dot = next(all, i + 1);
    const size_t table = next(all, dot + 1);
    if (is_name(all, i) && is_dot(all, dot) && is_name(all, table)) {
      const auto view = views.find(name_of(all[i]) + "." + name_of(all[table]));
      if (view != views.end()) {
        out.add_text(view->second);
        i = table;
        continue;
      }
    }
    out.add(i);
  }
  return fmt::format("SELECT * FROM (\n{}\n) AS metl_query", std::move(out).text());
}

}  // namespace metl::engine::spark_sql
