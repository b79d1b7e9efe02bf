#include "table/catalog/catalog.h"

#include "table/catalog/filesystem_catalog.h"
#include "table/catalog/hive_catalog.h"

namespace metl::table {

std::unique_ptr<Catalog> make_catalog(const CatalogOptions& options) {
  if (options.kind == CatalogKind::kHive) return std::make_unique<HiveCatalog>(options.warehouse, options.hive_uri);
  return std::make_unique<FilesystemCatalog>(options.warehouse);
}

}  // namespace metl::table
