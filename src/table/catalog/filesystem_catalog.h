// The warehouse's folders as a catalog: a table is a folder with a Delta log where the layout has it (warehouse.h), so
// there is nothing to register. Internal to src/table.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "table/catalog/catalog.h"

namespace metl::table {

class FilesystemCatalog : public Catalog {
 public:
  explicit FilesystemCatalog(std::string warehouse) : warehouse_(std::move(warehouse)) {}

  std::string location_of(const std::string& name) override;
  std::vector<CatalogTable> tables() override;
  std::vector<std::string> folders() override { return {warehouse_}; }
  void keep_in_step(const std::string&, const std::string&) override {}

 private:
  std::string warehouse_;
};

}  // namespace metl::table
