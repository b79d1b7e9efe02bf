// The pieces of a SQL text of users: the one place that knows where quotes and comments end. What stands between is not
// understood any further. By hand, for no library reads what DuckDB and Spark have in common and tells where both would
// read another thing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metl::sql {

struct Token {
  enum class Kind {
    kWord,     // a keyword, number or name without quotes; letters beyond ASCII are parts of it
    kName,     // "a""b" or `a`
    kText,     // 'it''s', or between $tag$s
    kComment,  // -- to the end of the line (which is none of it), or /* */ with others inside
    kSpace,
    kOther,  // any other single byte
  };
  Kind kind = Kind::kOther;
  std::string_view text;  // of the SQL, which outlives it
  bool is_closed = true;  // of a name, text or comment: whether its end is there

  bool is_blank() const { return kind == Kind::kSpace || kind == Kind::kComment; }
  bool is_name() const { return kind == Kind::kWord || kind == Kind::kName; }
  // Of a name or text: without its quotes, doubled ones as one.
  std::string unquoted() const;
};

// All of them, in order: together they are the SQL.
std::vector<Token> tokens_of(std::string_view sql);

}  // namespace metl::sql
