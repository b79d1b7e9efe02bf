#include "table/catalog/warehouse.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/error.h"
#include "base/location.h"
#include "base/text.h"
#include "storage/store.h"

namespace metl::table {

std::string table_location(const std::string& warehouse, const std::string& name) {
  const auto parts = text::table_name_parts(name);
  if (!parts) {
    throw Error(Cause::kConfiguration, fmt::format("'{}' is not a table's name", name),
                "Give data.curated.table as <database>.<table>, each of letters, digits and '_', for example "
                "default.movie_ratings_curated.");
  }
  const auto& [database, table] = *parts;
  return fmt::format("{}/{}", database_location(warehouse, database), table);
}

std::string database_location(const std::string& warehouse, const std::string& database) {
  return database == "default" ? warehouse : fmt::format("{}/{}.db", warehouse, database);
}

bool has_delta_log(const std::string& folder) {
  const std::string log = folder + "/_delta_log";
  return is_remote(folder) ? !storage::list_files(log).empty() : std::filesystem::is_directory(log);
}

}  // namespace metl::table
