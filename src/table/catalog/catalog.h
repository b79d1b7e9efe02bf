// Which tables there are and where they lie, by name. Two catalogs: the folders of the warehouse alone, and a Hive
// metastore, in which Spark and others find the tables too.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace metl::table {

struct CatalogTable {
  std::string name;  // database.table
  std::string location;
};

class Catalog {
 public:
  virtual ~Catalog() = default;

  // Where the table of a name lies, or will lie once it is created. Throws Error{kConfiguration} for a name that is not
  // two identifiers, Error when the catalog does not answer or the name is taken by what is not ours to write.
  virtual std::string location_of(const std::string& name) = 0;

  // The Delta tables, ordered by name. Throws Error.
  virtual std::vector<CatalogTable> tables() = 0;

  // Folders below which all of them lie. Reads no location, so stores need not be open. Throws Error.
  virtual std::vector<std::string> folders() = 0;

  // Makes the catalog say what the table at `location` is at its latest version, registering it when it is not yet.
  // Does nothing when it says so already; safe while others do the same. Throws Error.
  virtual void keep_in_step(const std::string& name, const std::string& location) = 0;
};

enum class CatalogKind { kFilesystem, kHive };

struct CatalogOptions {
  CatalogKind kind = CatalogKind::kFilesystem;
  std::string warehouse;  // in whose layout a new table lies
  std::string hive_uri;   // thrift://host:port[,thrift://host:port]; kHive only
};

// Connects to nothing yet. Throws Error{kConfiguration} for a `hive_uri` that is none.
std::unique_ptr<Catalog> make_catalog(const CatalogOptions& options);

}  // namespace metl::table
