#include "lake/catalog.h"

#include "lake/filesystem_catalog.h"
#include "lake/hive_catalog.h"

namespace metl::lake {

std::unique_ptr<Catalog> make_catalog(const CatalogOptions& options) {
  if (options.kind == CatalogKind::kHive) return std::make_unique<HiveCatalog>(options.warehouse, options.hive_uri);
  return std::make_unique<FilesystemCatalog>(options.warehouse);
}

}  // namespace metl::lake
