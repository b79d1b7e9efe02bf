// What breaks the rules of a schema check, as data: for people one line each, for Soda Core's results in its own form.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace metl::quality {

struct SchemaDifferences {
  struct Types {
    std::string column, expected, actual;  // of a change: now, before
  };
  struct Places {
    std::string column;
    int64_t expected = 0, actual = 0;  // from 0; of a change: before, now
    std::string there;                 // the column that stands in the expected place; "" for none
  };
  std::vector<std::string> missing, present, added, deleted;  // columns
  std::vector<Types> types;
  std::vector<Places> places;
  std::vector<Types> changed_types;
  std::vector<Places> changed_places;

  bool empty() const {
    return missing.empty() && present.empty() && added.empty() && deleted.empty() && types.empty() && places.empty() &&
           changed_types.empty() && changed_places.empty();
  }
};

// For diagnostics, in Soda Core's words: ("missing_column_names", "[id]").
std::vector<std::pair<std::string, std::string>> texts_of(const SchemaDifferences& differences);

}  // namespace metl::quality
