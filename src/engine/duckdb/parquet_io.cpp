#include "engine/duckdb/parquet_io.h"

#include <set>

#include "base/error.h"
#include "base/stop.h"
#include "base/text.h"
#include "engine/duckdb/footer_guard.h"
#include "engine/duckdb/leaves.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

using TextMap = std::map<std::string, std::string>;

// A MAP(VARCHAR, VARCHAR) out of the child vectors of a map's entries.
TextMap text_map(duckdb_vector entries, duckdb_list_entry range) {
  const duckdb_vector keys = duckdb_struct_vector_get_child(entries, 0);
  const duckdb_vector values = duckdb_struct_vector_get_child(entries, 1);
  uint64_t* validity = duckdb_vector_get_validity(values);
  TextMap out;
  for (idx_t i = range.offset; i < range.offset + range.length; ++i) {
    if (validity == nullptr || duckdb_validity_row_is_valid(validity, i))
      out[string_at(keys, i)] = string_at(values, i);
  }
  return out;
}

std::optional<int64_t> integer(const TextMap& stats, const std::string& name) {
  const auto found = stats.find(name);
  return found == stats.end() ? std::nullopt : std::optional<int64_t>(std::stoll(found->second));
}

std::optional<std::string> text(const TextMap& stats, const std::string& name) {
  const auto found = stats.find(name);
  return found == stats.end() ? std::nullopt : std::optional(found->second);
}

DataFile data_file(duckdb_data_chunk chunk, idx_t row, const std::set<ColumnPath>& leaves) {
  const auto number = [&](idx_t column) {
    return static_cast<uint64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, column)))[row];
  };
  DataFile file;
  file.path = string_at(duckdb_data_chunk_get_vector(chunk, 0), row);
  file.rows = static_cast<int64_t>(number(1));
  file.bytes = number(2);
  const duckdb_vector columns = duckdb_data_chunk_get_vector(chunk, 4);  // MAP(VARCHAR, MAP(VARCHAR, VARCHAR))
  const auto range = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(columns))[row];
  const duckdb_vector entries = duckdb_list_vector_get_child(columns);
  const duckdb_vector names = duckdb_struct_vector_get_child(entries, 0);
  const duckdb_vector details = duckdb_struct_vector_get_child(entries, 1);
  const auto* detail_ranges = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(details));
  for (idx_t i = range.offset; i < range.offset + range.length; ++i) {
    const ColumnPath path = parse_path(string_at(names, i));
    if (!leaves.contains(path)) continue;
    const TextMap stats = text_map(duckdb_list_vector_get_child(details), detail_ranges[i]);
    const bool bounded = text(stats, "has_nan") != "true";
    file.stats[path] = {bounded ? text(stats, "min") : std::nullopt, bounded ? text(stats, "max") : std::nullopt,
                        integer(stats, "null_count")};
  }
  return file;
}

// Format version 2 encodes floating point columns of many distinct values as BYTE_STREAM_SPLIT, which Spark 4.2's
// reader refuses: files in which that happened are written again as version 1.
bool spark_reads(Client& client, const std::vector<DataFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file.path);
  return paths.empty() ||
         client
             .rows(fmt::format("SELECT 1 FROM parquet_metadata({}) WHERE encodings LIKE '%BYTE_STREAM_SPLIT%' LIMIT 1",
                               file_list(paths)))
             .rows.empty();
}

std::vector<DataFile> copy(Client& client, const std::string& select, const std::string& path,
                           const WriteOptions& options, const std::string& more, const Client::OnProgress& progress) {
  const std::vector<Leaf> leaves = leaves_of(client.describe(select));
  std::set<ColumnPath> paths;
  for (const auto& leaf : leaves) paths.insert(leaf.path);
  std::vector<DataFile> files;
  for (std::string version = options.parquet_version;; version = "v1") {
    for (const auto& file : files) client.remove_file(file.path);
    files.clear();
    Result result = client.compute(fmt::format("COPY ({}\n) TO {} (FORMAT parquet, PARQUET_VERSION {}, COMPRESSION {}, "
                                               "WRITE_BLOOM_FILTER false, RETURN_STATS{})",
                                               select, sql::literal(path), version, options.compression, more),
                                   progress);
    for (;;) {
      const Chunk chunk(duckdb_fetch_chunk(*result.out()));
      if (chunk.get() == nullptr) break;
      for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk.get()); ++row) {
        files.push_back(data_file(chunk.get(), row, paths));
      }
    }
    if (version == "v1" || spark_reads(client, files)) break;
  }
  add_text_bounds(client, leaves, files);
  return files;
}

}  // namespace

std::string file_pattern(const std::string& path) {
  std::string out;
  for (const char c : path) {
    const bool special = c == '*' || c == '?' || c == '[';
    out += special ? fmt::format("[{}]", c) : std::string(1, c);
  }
  return out;
}

std::string file_list(const std::vector<std::string>& paths) {
  std::vector<std::string> quoted;
  for (const auto& path : paths) quoted.push_back(sql::literal(file_pattern(path)));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string scan_sql(const std::vector<std::string>& paths, const std::string& options) {
  // Folder names are not columns here: a path that happens to hold "x=y" must not add one.
  return fmt::format("read_parquet({}, hive_partitioning = false{})", file_list(paths), options);
}

std::string as_readable(const std::string& column, const Type& type, const Stored& stored) {
  if (stored.nulls.empty()) return column;
  const Type text{.kind = Type::Kind::kString, .children = {}};
  return fmt::format("CAST({} AS {})", column, to_duckdb(with_each_null_as(type, stored.nulls, text)));
}

std::string file_name(const WriteOptions& options, size_t number) {
  return fmt::format("{}-{:05}.{}.parquet", options.name_prefix, number, options.compression);
}

std::vector<DataFile> copy_to_file(Client& client, const std::string& select, const std::string& path,
                                   const WriteOptions& options, const Client::OnProgress& progress) {
  return copy(client, select, path, options, "", progress);
}

std::vector<DataFile> copy_to_files(Client& client, const std::string& select, const WriteOptions& options,
                                    const Client::OnProgress& progress) {
  const std::string more =
      fmt::format(", FILE_SIZE_BYTES '{}B', OVERWRITE_OR_IGNORE, FILENAME_PATTERN {}", options.target_bytes,
                  sql::literal(fmt::format("{}-{{i}}.{}", options.name_prefix, options.compression)));
  return copy(client, select, options.folder, options, more, progress);
}

}  // namespace metl::engine
