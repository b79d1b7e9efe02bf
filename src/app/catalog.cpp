#include "app/catalog.h"

#include "base/error.h"

namespace metl::app {

std::unique_ptr<table::Catalog> open_catalog(const config::Settings& settings) {
  table::CatalogOptions options;
  options.warehouse = settings.path("data.curated.location");
  options.hive_uri = settings.get_string("catalog.hive.uri");
  if (settings.get_string("catalog.kind") == "hive") {
    options.kind = table::CatalogKind::kHive;
    if (options.hive_uri.empty()) {
      throw Error(Cause::kConfiguration, "catalog.kind is hive, but catalog.hive.uri is empty",
                  "Set it to the metastore's address, thrift://HOST:PORT.");
    }
  }
  return table::make_catalog(options);
}

}  // namespace metl::app
