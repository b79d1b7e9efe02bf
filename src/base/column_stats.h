// What whoever wrote a Parquet file knows of its columns.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace metl {

// What is known of the values of one leaf column. Bounds are the text of the value, all its digits included, as a cast
// to text writes it: 0.5, 12.50, 2021-01-01 10:00:00.123456+00, true or 1. Text bounds may be cut, an upper one rounded
// up. No bounds where a NaN was seen or all values are NULL.
struct ColumnStats {
  std::optional<std::string> min;
  std::optional<std::string> max;
  std::optional<int64_t> null_count;
};

// {"a", "b"}: the field b of the column a. Not a text: a column may be called a.b.
using ColumnPath = std::vector<std::string>;

using FileStats = std::map<ColumnPath, ColumnStats>;  // of leaves that are neither in a list nor in a map

}  // namespace metl
