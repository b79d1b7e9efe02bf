// Which columns of the answer to a check's own SQL may be shown, when there are columns whose values must not.
//
// Shown is only what can be seen to be harmless: of `SELECT items FROM dataset [WHERE ...] [GROUP BY ...] ...` the
// items in which every word is known (columns of the dataset that are not sensitive, common functions, keywords, names
// given by AS), and where a sensitive column is only counted. Of any other query (a star, a join, a query in it, a
// WITH, columns renamed by their places, a row as a whole) nothing is shown: a list of what is dangerous would miss
// some form of SQL, a list of what is harmless does not.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quality/model/sensitive.h"

namespace metl::quality {

struct Harmless {
  bool all = false;           // whatever columns there are
  std::vector<bool> columns;  // else, of each column of the answer; none for a query that is not plain

  bool holds(size_t column) const { return all || (column < columns.size() && columns[column]); }
  bool every() const;  // of the query's columns
};

// The columns of a dataset that a query names; empty when there is none of that name.
using SchemaOf = std::function<std::optional<Schema>(const std::string& dataset)>;

Harmless harmless_columns(const std::string& query, const SensitiveColumns& sensitive, const SchemaOf& schema_of);

// Of an aggregate expression over a dataset with these columns.
bool is_harmless(const std::string& expression, const SensitiveColumns& sensitive, const Schema& schema);

}  // namespace metl::quality
