#include "lake/warehouse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/text.h"

namespace metl::lake {
namespace {

// What Spark accepts unquoted; also keeps a name from leaving the warehouse ("..", "/").
bool is_identifier(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

}  // namespace

std::string table_location(const std::string& warehouse, const std::string& name) {
  const auto parts = text::split(name, '.');
  if (parts.size() != 2 || !is_identifier(parts[0]) || !is_identifier(parts[1])) {
    throw Error(ExitCode::kConfig, fmt::format("'{}' is not a table's name", name),
                "Give data.curated.table as <database>.<table>, each of letters, digits and '_', for example "
                "default.movie_ratings_curated.");
  }
  return parts[0] == "default" ? fmt::format("{}/{}", warehouse, parts[1])
                               : fmt::format("{}/{}.db/{}", warehouse, parts[0], parts[1]);
}

}  // namespace metl::lake
