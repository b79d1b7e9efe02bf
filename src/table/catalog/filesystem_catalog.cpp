#include "table/catalog/filesystem_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "storage/store.h"
#include "table/catalog/warehouse.h"

namespace metl::table {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDatabase = ".db";

}  // namespace

std::string FilesystemCatalog::location_of(const std::string& name) { return table_location(warehouse_, name); }

std::vector<CatalogTable> FilesystemCatalog::tables() {
  std::vector<CatalogTable> out;
  const auto add = [&out](const std::string& folder, const std::string& database) {
    const std::string name = fmt::format("{}.{}", database, fs::path(folder).filename().string());
    if (name.ends_with(kQuarantineEnd)) return;
    if (text::table_name_parts(name) && has_delta_log(folder)) out.push_back({name, folder});
  };
  for (const auto& folder : storage::list_folders(warehouse_)) {
    if (!folder.ends_with(kDatabase)) {
      add(folder, "default");
      continue;
    }
    for (const auto& table : storage::list_folders(folder)) add(table, fs::path(folder).stem().string());
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

}  // namespace metl::table
