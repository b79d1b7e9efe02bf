#include "quality/plan/plain_query.h"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>

#include "base/text.h"
#include "sql/tokens.h"

namespace metl::quality {
namespace {

using sql::Token;
using Words = std::set<std::string, std::less<>>;

// Of which none gives a column that its arguments do not name.
const Words& functions() {
  static const Words kFunctions{
      "count", "sum",      "avg",      "min",        "max",    "stddev",    "variance", "median",  "upper",  "lower",
      "trim",  "left",     "right",    "concat",     "length", "substr",    "round",    "floor",   "ceil",   "abs",
      "cast",  "try_cast", "coalesce", "nullif",     "if",     "substring", "year",     "quarter", "month",  "day",
      "hour",  "extract",  "to_date",  "date_trunc", "least",  "greatest",  "mod",      "sqrt",    "isnull", "ifnull"};
  return kFunctions;
}
const Words& keywords() {
  static const Words kKeywords{"and",  "or",   "not",   "in",    "is",   "null", "between",  "like", "case",
                               "when", "then", "else",  "end",   "asc",  "desc", "distinct", "true", "false",
                               "by",   "date", "nulls", "first", "last", "year", "month",    "day",  "timestamp"};
  return kKeywords;
}
const Words& clauses() {  // behind the dataset
  static const Words kClauses{"where", "group", "having", "order", "limit"};
  return kClauses;
}

struct NotPlain {};

class Reader {
 public:
  Reader(std::vector<Token> tokens, const SensitiveColumns& sensitive)
      : all_(std::move(tokens)), sensitive_(sensitive) {
    std::erase_if(all_, [](const Token& token) { return token.is_blank(); });
    while (!all_.empty() && all_.back().text == ";") all_.pop_back();
  }

  // Throws NotPlain.
  std::vector<bool> query(const SchemaOf& schema_of) {
    const std::span<const Token> tokens(all_);
    if (tokens.empty() || !is_word(tokens[0], "select")) throw NotPlain();
    const size_t first = tokens.size() > 1 && is_word(tokens[1], "distinct") ? 2 : 1;
    const auto [items, from] = split(tokens, first);
    size_t next = from + 1;
    read_dataset(tokens, next, schema_of);
    std::vector<bool> out;
    for (const auto& item : items) out.push_back(is_harmless(item));
    if (next == tokens.size()) return out;
    if (tokens[next].kind != Token::Kind::kWord || !clauses().contains(lower(tokens[next]))) throw NotPlain();
    in_clauses_ = true;
    is_harmless(tokens.subspan(next));  // rows are chosen and ordered there, not shown
    return out;
  }

  bool expression(const Schema& schema) {
    schema_ = schema;
    return is_harmless(all_);
  }

 private:
  using Tokens = std::span<const Token>;

  static std::string lower(const Token& token) {
    return text::to_lower(token.kind == Token::Kind::kName ? token.unquoted() : std::string(token.text));
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_word(const Token& token, std::string_view word) {
    return token.kind == Token::Kind::kWord && lower(token) == word;
  }

  // The items of a SELECT, and where its FROM stands.
  static std::pair<std::vector<Tokens>, size_t> split(Tokens tokens, size_t first) {
    std::vector<Tokens> items;
    int depth = 0;
    for (size_t i = first; i < tokens.size(); ++i) {
      const bool ends = depth == 0 && is_word(tokens[i], "from");
      if (ends || (depth == 0 && tokens[i].text == ",")) {
        items.push_back(tokens.subspan(first, i - first));
        first = i + 1;
      }
      if (ends) return {std::move(items), i};
      if (tokens[i].text == "(") ++depth;
      if (tokens[i].text == ")") --depth;
    }
    throw NotPlain();
  }

  // Moves `next` behind the dataset's name.
  void read_dataset(Tokens tokens, size_t& next, const SchemaOf& schema_of) {
    std::string name;
    while (next < tokens.size() && tokens[next].is_name()) {
      dataset_ = tokens[next].kind == Token::Kind::kName ? tokens[next].unquoted() : std::string(tokens[next].text);
      name += dataset_;
      ++next;
      if (next >= tokens.size() || tokens[next].text != ".") break;
      name += '.';
      ++next;
    }
    const auto schema = name.empty() ? std::nullopt : schema_of(name);
    if (!schema) throw NotPlain();
    schema_ = *schema;
    dataset_ = text::to_lower(dataset_);
  }

  // Whether no value of a sensitive column gets out of it. Throws NotPlain where that cannot be seen.
  bool is_harmless(Tokens tokens) {
    if (tokens.empty()) throw NotPlain();
    bool out = true;
    int depth = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      const Token& token = tokens[i];
      if (token.text == "(") ++depth;
      if (token.text == ")") --depth;
      if (token.is_name())
        out &= read_name(tokens, i, depth);
      else if (token.kind == Token::Kind::kOther && !is_known_sign(tokens, i))
        throw NotPlain();
    }
    // Under the name of a column, it could be taken for that one elsewhere.
    if (!out && find_field(schema_, alias_) != nullptr) throw NotPlain();
    alias_.clear();
    return out;
  }

  // Leaves `i` at the last token of what it read. False for a sensitive column that is shown.
  bool read_name(Tokens tokens, size_t& i, int depth) {
    const std::string word = lower(tokens[i]);
    const bool quoted = tokens[i].kind == Token::Kind::kName;
    const auto at = [&](size_t place) { return place < tokens.size() ? tokens[place].text : std::string_view(); };
    if (!quoted && is_digit(word.front())) return true;
    if (!quoted && word == "as" && !in_clauses_ && i + 1 < tokens.size() && tokens[i + 1].is_name()) {
      const std::string alias = lower(tokens[++i]);
      if (depth > 0) return true;  // the type of a CAST
      alias_ = alias;
      aliases_.insert(alias_);
      return true;
    }
    if (!quoted && at(i + 1) == "(" && functions().contains(word)) {
      if (word == "count") skip_counted(tokens, i);
      return true;
    }
    const bool is_dataset = word == dataset_ && at(i + 1) == ".";
    if (is_dataset) {
      if (find_field(schema_, word) != nullptr || i + 2 >= tokens.size() || !tokens[i + 2].is_name()) throw NotPlain();
      i += 2;
    }
    if (const Field* column = find_field(schema_, lower(tokens[i]))) {
      const bool sensitive = sensitive_.hold(*column);
      while (at(i + 1) == "." && i + 2 < tokens.size() && tokens[i + 2].is_name()) i += 2;  // fields of it
      return !sensitive;
    }
    if (is_dataset || quoted) throw NotPlain();
    const bool known =
        keywords().contains(word) || (in_clauses_ && (clauses().contains(word) || aliases_.contains(word)));
    if (!known && !(word == "from" && depth > 0)) throw NotPlain();
    return true;
  }

  // COUNT(*), COUNT(column) and COUNT(DISTINCT column) show no value of the column: `i` is then at the closing bracket.
  void skip_counted(Tokens tokens, size_t& i) const {
    size_t what = i + 2;
    if (what < tokens.size() && is_word(tokens[what], "distinct")) ++what;
    if (what + 1 >= tokens.size() || tokens[what + 1].text != ")") return;
    if (is_column(tokens[what]) || tokens[what].text == "*") i = what + 1;
  }

  bool is_column(const Token& token) const { return token.is_name() && find_field(schema_, lower(token)) != nullptr; }
  bool is_value(const Token& token) const {
    return is_column(token) ||
           (token.kind == Token::Kind::kWord && (is_digit(token.text.front()) || functions().contains(lower(token))));
  }

  // A star is a product only between two values.
  bool is_known_sign(Tokens tokens, size_t i) const {
    if (tokens[i].text != "*") return tokens[i].text.find_first_not_of("(),+-/%<>=!|.") == std::string_view::npos;
    return i > 0 && i + 1 < tokens.size() && (is_value(tokens[i - 1]) || tokens[i - 1].text == ")") &&
           (is_value(tokens[i + 1]) || tokens[i + 1].text == "(");
  }

  std::vector<Token> all_;
  const SensitiveColumns& sensitive_;
  Schema schema_;
  std::string dataset_;  // lower-case, without its database
  Words aliases_;
  std::string alias_;  // of the item that is being read
  bool in_clauses_ = false;
};

}  // namespace

bool Harmless::every() const {
  return all || (!columns.empty() && std::all_of(columns.begin(), columns.end(), [](bool one) { return one; }));
}

Harmless harmless_columns(const std::string& query, const SensitiveColumns& sensitive, const SchemaOf& schema_of) {
  if (sensitive.none()) return {true, {}};
  try {
    return {false, Reader(sql::tokens_of(query), sensitive).query(schema_of)};
  } catch (const NotPlain&) {
    return {};
  }
}

bool is_harmless(const std::string& expression, const SensitiveColumns& sensitive, const Schema& schema) {
  if (sensitive.none()) return true;
  try {
    return Reader(sql::tokens_of(expression), sensitive).expression(schema);
  } catch (const NotPlain&) {
    return false;
  }
}

}  // namespace metl::quality
