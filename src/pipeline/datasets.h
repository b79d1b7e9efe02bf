// Datasets by name, as views of an engine: what checks can be about. Three kinds: files that the caller adds (a staged
// partition), what a path names (a Delta table's folder, Parquet files), and the tables of a catalog.
//
// Names are compared without regard to case. A table of database `default` is also known by its name alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "quality/scan.h"
#include "table/catalog/catalog.h"
#include "table/table.h"

namespace metl::pipeline {

struct Dataset {
  std::string name;
  Schema columns;
  std::vector<engine::FileGroup> files;
  engine::StoredColumns stored = {};
  std::string folder = {};  // of a Delta table, which holds most files or all; else ""
};

// A live file of the table, with its partition's values and without its deleted rows. Throws Error where these cannot
// be read.
engine::FileGroup group_of(const table::Table& table, const table::File& file);

// A version of a table, under a name; or some of its files.
Dataset dataset_of(const std::string& name, const table::Table& table);
Dataset dataset_of(const std::string& name, const table::Table& table, const std::vector<table::File>& files);

// Lets a confined engine read it.
void allow(const Dataset& dataset, engine::Confinement& limits);

// What `path` holds: a Delta table's folder, a folder with Parquet files at any depth (its folders `a=b` are columns),
// a Parquet file, or a glob of them. Throws Error{kConfiguration} when there is nothing, Error for files
// that cannot be read together or a table that cannot be read as plain Parquet files.
Dataset dataset_at(engine::Engine& engine, const std::string& name, const std::string& path);

class Datasets {
 public:
  // `catalog` may be null. It and the engine, a confined one, outlive this object.
  Datasets(engine::Engine& engine, table::Catalog* catalog) : engine_(engine), catalog_(catalog) {}

  // Hides a table of the catalog that has the same name.
  void add(const Dataset& dataset);

  // Valid as long as this object.
  quality::DataAccess access();

 private:
  std::optional<std::string> view_of(const std::string& name);
  const std::vector<table::CatalogTable>& tables();  // of the catalog, asked for once
  std::vector<std::string> names();

  engine::Engine& engine_;
  table::Catalog* catalog_;
  std::optional<std::vector<table::CatalogTable>> tables_;
  std::map<std::string, std::string> views_;  // lower-case name -> view
  std::map<std::string, Schema> schemas_;     // of each view
  std::vector<std::string> added_;            // names as given
};

}  // namespace metl::pipeline
