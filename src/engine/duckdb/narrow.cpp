#include "engine/duckdb/narrow.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"
#include "sql/tokens.h"

namespace metl::engine {
namespace {

// Nothing that calls a function, whose result may be another one for each row.
bool is_plain(const sql::Token& token) {
  static const std::set<std::string, std::less<>> kKnown{"and",  "or",      "not",  "in",    "is",  "null",
                                                         "like", "between", "true", "false", "date"};
  constexpr std::string_view kSigns = "()=<>!,+-.";
  const char first = token.text.front();
  switch (token.kind) {
    case sql::Token::Kind::kWord:
      return (first >= '0' && first <= '9') || kKnown.contains(text::to_lower(token.text));
    case sql::Token::Kind::kText:
      return first == '\'';
    case sql::Token::Kind::kOther:
      return kSigns.find(first) != std::string_view::npos;
    default:
      return token.is_blank();
  }
}

// Of the columns, those that the condition names; nothing where it has more in it than them and plain signs.
std::optional<Schema> named(const std::string& condition, const Schema& constants) {
  Schema out;
  for (const auto& token : sql::tokens_of(condition)) {
    const std::string name = token.is_name() ? text::to_lower(token.unquoted()) : "";
    const auto found = std::find_if(constants.begin(), constants.end(), [&](const Field& column) {
      return !name.empty() && text::to_lower(column.name) == name;
    });
    if (found != constants.end()) {
      if (find_field(out, found->name) == nullptr) out.push_back(*found);
    } else if (!is_plain(token)) {
      return std::nullopt;
    }
  }
  return out;
}

// SELECT of the groups' numbers, from 0, for which the condition is true.
std::string question(Client& client, const Schema& columns, const std::vector<FileGroup>& groups,
                     const std::string& condition) {
  std::vector<std::string> values;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string name = fmt::format("metl_constants_{}", i);
    std::vector<std::optional<std::string>> of_groups;
    for (const auto& group : groups) of_groups.push_back(group.constants.at(columns[i].name));
    client.set_variable(name, of_groups);
    values.push_back(fmt::format("CAST(unnest(getvariable('{}')) AS {}) AS {}", name, to_duckdb(columns[i].type),
                                 sql::identifier(columns[i].name)));
  }
  return fmt::format("SELECT metl_group FROM (SELECT unnest(range({})) AS metl_group, {}) WHERE ({}\n)", groups.size(),
                     fmt::join(values, ", "), condition);
}

}  // namespace

std::optional<std::vector<FileGroup>> matching(Client& client, const Schema& columns,
                                               const std::vector<FileGroup>& groups, const std::string& condition) {
  Schema constants;
  for (const auto& column : columns) {
    const bool everywhere = std::all_of(groups.begin(), groups.end(),
                                        [&](const FileGroup& group) { return group.constants.contains(column.name); });
    if (everywhere) constants.push_back(column);
  }
  const auto known = named(condition, constants);
  if (!known || known->empty()) return std::nullopt;
  try {
    std::vector<FileGroup> out;
    for (const auto& row : client.rows(question(client, *known, groups, condition)).rows)
      out.push_back(groups.at(static_cast<size_t>(std::get<int64_t>(row.front()))));
    return out;
  } catch (const Error& e) {
    if (e.cause() == Cause::kInterrupted) throw;
    return std::nullopt;  // what is wrong with it is told where it is used
  }
}

}  // namespace metl::engine
