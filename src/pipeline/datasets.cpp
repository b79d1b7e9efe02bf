#include "pipeline/datasets.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/glob.h"
#include "base/location.h"
#include "base/text.h"
#include "pipeline/placement.h"
#include "source/source.h"
#include "storage/store.h"
#include "table/catalog/warehouse.h"

namespace metl::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefaultDatabase = "default.";

// A shallow clone names the files of its source by URL.
std::string path_of(const table::Table& table, const std::string& path) {
  constexpr std::string_view kFile = "file:";
  if (path.starts_with(kFile)) {
    std::string local = path.substr(kFile.size());
    while (local.starts_with("//")) local.erase(0, 1);
    return local;
  }
  const bool absolute = path.starts_with('/') || path.find("://") != std::string::npos;
  return absolute ? path : fmt::format("{}/{}", table.root(), path);
}

// Of a table found by its name only what lies in the catalog's folders can be read: the engine was confined before.
void require_reachable(const Dataset& dataset, const std::string& location, const std::vector<std::string>& folders) {
  for (const auto& group : dataset.files) {
    for (const auto& path : group.paths) {
      const bool inside = std::any_of(folders.begin(), folders.end(),
                                      [&](const std::string& folder) { return path.starts_with(folder + "/"); });
      if (inside) continue;
      throw Error(Cause::kNotSupported,
                  fmt::format("{} has data files elsewhere, as a shallow clone does: {}", dataset.name, path),
                  fmt::format("Name it in the command: --dataset {}={}", dataset.name, location));
    }
  }
}

// Whether the part of a path below a dataset's folder names data: neither file nor folder starts with '_' or '.'.
bool is_data(const std::string& below) {
  const auto names = text::split(below, '/');
  return below.ends_with(".parquet") && std::none_of(names.begin(), names.end(), [](const std::string& name) {
           return name.starts_with('_') || name.starts_with('.');
         });
}

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& file : storage::list_files(folder, true)) {
    if (is_data(file.path.substr(folder.size() + 1))) out.push_back(file.path);
  }
  return out;
}

// A single object, a folder, or a glob: no request tells which of them a location is.
std::vector<std::string> objects_at(const std::string& location) {
  const size_t wildcard = location.find_first_of("*?[");
  if (wildcard == std::string::npos && !location.ends_with(".parquet")) return files_below(location);
  const std::string folder = location.substr(0, location.rfind('/', wildcard));
  std::vector<std::string> out;
  for (const auto& file : storage::list_files(folder, wildcard != std::string::npos)) {
    if (file.path == location || ::fnmatch(location.c_str(), file.path.c_str(), FNM_PATHNAME) == 0) {
      out.push_back(file.path);
    }
  }
  return out;
}

std::vector<std::string> parquet_files(const std::string& path) {
  if (is_remote(path)) return objects_at(path);
  if (fs::is_directory(path)) return files_below(path);
  if (fs::is_regular_file(path)) return {path};
  return files::matching(path);
}

// The folders `column=value` between the dataset's folder and a file.
std::map<std::string, std::string> folder_columns(const std::string& root, const std::string& file) {
  std::map<std::string, std::string> out;
  for (const auto& part : fs::path(file).parent_path().lexically_relative(root)) {
    const std::string text = part.string();
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) continue;
    const std::string value = text.substr(equals + 1);
    if (value != kNullFolder) out.emplace(text.substr(0, equals), value);
  }
  return out;
}

}  // namespace

engine::FileGroup group_of(const table::Table& table, const table::File& file) {
  engine::FileGroup out;
  out.paths.push_back(path_of(table, file.path));
  if (file.deletion_vector) out.deleted_rows[out.paths.back()] = table.deleted_rows(file);
  for (const auto& column : table.partition_columns()) {
    const auto value = file.partition.find(column);
    // The protocol: an empty value is NULL, of whatever type; and data files' own columns of that name do not count.
    const bool null = value == file.partition.end() || value->second.empty();
    out.constants[column] = null ? std::nullopt : std::optional(value->second);
  }
  return out;
}

Dataset dataset_of(const std::string& name, const table::Table& table) {
  return dataset_of(name, table, table.files({}, table::Table::Statistics::kLeft));
}

void allow(const Dataset& dataset, engine::Confinement& limits) {
  // One folder instead of ten thousand files that lie in it.
  if (!dataset.folder.empty()) limits.folders.push_back(dataset.folder);
  for (const auto& group : dataset.files) {
    for (const auto& path : group.paths) {
      if (dataset.folder.empty() || !path.starts_with(dataset.folder + "/")) limits.files.push_back(path);
    }
  }
}

Dataset dataset_of(const std::string& name, const table::Table& table, const std::vector<table::File>& files) {
  Dataset out{name, table.columns(), {}, {table.stored_columns(), table.field_ids()}, table.root()};
  std::map<std::map<std::string, std::string>, engine::FileGroup> partitions;
  for (const auto& file : files) {
    engine::FileGroup one = group_of(table, file);
    engine::FileGroup& group = partitions[file.partition];
    group.constants = std::move(one.constants);
    group.paths.push_back(std::move(one.paths.front()));
    group.deleted_rows.merge(one.deleted_rows);
  }
  for (auto& partition : partitions) out.files.push_back(std::move(partition.second));
  return out;
}

Dataset dataset_at(engine::Engine& engine, const std::string& name, const std::string& given) {
  std::string path = given;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (table::has_delta_log(path)) {
    const std::string root = is_remote(path) ? path : fs::absolute(path).lexically_normal().string();
    if (const auto table = table::Table::open(root)) return dataset_of(name, *table);
  }
  const auto paths = parquet_files(path);
  if (paths.empty()) {
    throw Error(Cause::kConfiguration, fmt::format("dataset '{}': there is no data at {}", name, path),
                "Give a Delta table's folder, a folder of Parquet files, a Parquet file or a quoted glob.");
  }
  Dataset out{name, {}, {}};
  std::map<std::map<std::string, std::string>, std::vector<std::string>> groups;
  const auto inspected = engine.inspect(paths);
  for (const auto& file : inspected) {
    for (const auto& column : file.schema) {
      const Field* known = find_field(out.columns, column.name);
      if (known == nullptr) {
        out.columns.push_back(column);
      } else if (known->type != column.type) {
        throw Error(Cause::kBadInput,
                    fmt::format("dataset '{}': column '{}' is {} in {}, but {} in {}", name, column.name,
                                type_name(column.type), file.path, type_name(known->type), paths.front()),
                    "Files of one dataset must agree on the types of their columns.");
      }
    }
    groups[folder_columns(path, file.path)].push_back(file.path);
  }
  source::warn_of_cut_times(inspected, out.columns);
  for (auto& [values, files] : groups) {
    for (const auto& [column, value] : values) {
      if (find_field(out.columns, column) == nullptr) out.columns.push_back({column, *parse_type("string"), true, ""});
    }
    engine::FileGroup group{std::move(files), {}};
    group.constants.insert(values.begin(), values.end());
    out.files.push_back(std::move(group));
  }
  return out;
}

void Datasets::add(const Dataset& dataset) {
  added_.push_back(dataset.name);
  const std::string lower = text::to_lower(dataset.name);
  std::vector<std::string> names{dataset.name};
  // Alone, too, as Spark finds the tables of this database.
  if (lower.starts_with(kDefaultDatabase)) names.push_back(dataset.name.substr(kDefaultDatabase.size()));
  for (const auto& name : names) {
    const std::string view = engine_.create_view(name, dataset.columns, dataset.files, dataset.stored);
    views_[text::to_lower(name)] = view;
    schemas_[view] = dataset.columns;
  }
}

std::optional<std::string> Datasets::view_of(const std::string& name) {
  const std::string lower = text::to_lower(name);
  for (const auto& candidate : {lower, std::string(kDefaultDatabase) + lower}) {
    if (const auto known = views_.find(candidate); known != views_.end()) return known->second;
  }
  for (const auto& [known, location] : tables()) {
    const std::string table = text::to_lower(known);
    if (table != lower && table != std::string(kDefaultDatabase) + lower) continue;
    const auto opened = table::Table::open(location);
    if (!opened) continue;
    const Dataset dataset = dataset_of(known, *opened);
    require_reachable(dataset, location, catalog_->folders());
    add(dataset);
    return views_.at(table);
  }
  return std::nullopt;
}

const std::vector<table::CatalogTable>& Datasets::tables() {
  if (!tables_) tables_ = catalog_ == nullptr ? std::vector<table::CatalogTable>{} : catalog_->tables();
  return *tables_;
}

std::vector<std::string> Datasets::names() {
  std::vector<std::string> out = added_;
  for (const auto& table : tables()) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const std::string& other) {
      return text::to_lower(other) == text::to_lower(table.name);
    });
    if (!known) out.push_back(table.name);
  }
  return out;
}

quality::DataAccess Datasets::access() {
  quality::DataAccess data;
  data.dialect = engine_.dialect();
  data.view_of = [this](const std::string& dataset) { return view_of(dataset); };
  data.schema_of = [this](const std::string& view) { return schemas_.at(view); };
  data.query = [this](const std::string& sql) { return engine_.query(sql); };
  data.duplicate_keys = [this](const std::string& view, const std::vector<std::string>& key,
                               const std::string& condition) { return engine_.duplicate_keys(view, key, condition); };
  data.narrowed = [this](const std::string& view, const std::string& condition) {
    return engine_.narrowed(view, condition);
  };
  // Patterns are written for names as people write them.
  data.datasets = [this] {
    std::vector<std::string> out = names();
    for (auto& name : out) {
      if (text::to_lower(name).starts_with(kDefaultDatabase)) name.erase(0, kDefaultDatabase.size());
    }
    return out;
  };
  return data;
}

}  // namespace metl::pipeline
