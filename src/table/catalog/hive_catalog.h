// A Hive metastore as the catalog. What it has registered under a name lies where it says, inside the warehouse or not,
// as it does for Spark; a name that it does not know yet follows the warehouse's layout. Internal to src/table.
//
// Only external Delta tables are written to. The files of a managed one belong to whoever manages it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "table/catalog/catalog.h"

namespace metl::table {

// {"host:9083", ...} of "thrift://host:9083,thrift://...". Throws Error{kConfiguration}.
std::vector<std::string> metastore_addresses(const std::string& uri);

class HiveCatalog : public Catalog {
 public:
  HiveCatalog(std::string warehouse, const std::string& uri);
  ~HiveCatalog() override;

  std::string location_of(const std::string& name) override;
  std::vector<CatalogTable> tables() override;
  std::vector<std::string> folders() override;
  void keep_in_step(const std::string& name, const std::string& location) override;

 private:
  struct Client;

  std::string warehouse_;
  std::unique_ptr<Client> client_;
};

}  // namespace metl::table
