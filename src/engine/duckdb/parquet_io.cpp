#include "engine/duckdb/parquet_io.h"

#include <set>

#include "base/error.h"
#include "base/location.h"
#include "base/text.h"
#include "engine/duckdb/leaves.h"
#include "engine/duckdb/stores.h"
#include "engine/duckdb/types.h"

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
  for (const auto& file : files) paths.push_back(text::sql_literal(file.path));
  return paths.empty() ||
         client
             .rows(
                 fmt::format("SELECT 1 FROM parquet_metadata([{}]) WHERE encodings LIKE '%BYTE_STREAM_SPLIT%' LIMIT 1",
                             fmt::join(paths, ", ")))
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
    Result result = client.execute(fmt::format("COPY ({}\n) TO {} (FORMAT parquet, PARQUET_VERSION {}, COMPRESSION {}, "
                                               "WRITE_BLOOM_FILTER false, RETURN_STATS{})",
                                               select, text::sql_literal(path), version, options.compression, more),
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

std::vector<SourceFile> footers(Client& client, const std::vector<std::string>& paths) {
  std::vector<std::string> quoted;
  for (const auto& path : paths) quoted.push_back(text::sql_literal(path));
  const std::string list = fmt::format("[{}]", fmt::join(quoted, ", "));
  // A day of ten thousand files has one or two distinct schemas: each is described once, through one of its files.
  const Rows rows = client.rows(fmt::format(
      "WITH shapes AS (SELECT file_name, md5(string_agg(concat_ws('|', name, type, type_length, repetition_type, "
      "num_children, "
      "converted_type, scale, precision, logical_type), ';')) AS shape FROM parquet_schema({0}) GROUP BY ALL) "
      "SELECT file_name, CAST(file_size_bytes AS BIGINT), num_rows, shape FROM parquet_file_metadata({0}) JOIN shapes "
      "USING (file_name) "
      "ORDER BY file_name",
      list));
  std::map<std::string, Schema> schemas;
  std::map<std::string, SourceFile> by_path;
  for (const auto& row : rows.rows) {
    const auto& path = std::get<std::string>(row[0]);
    const auto [schema, is_new] = schemas.try_emplace(std::get<std::string>(row[3]));
    if (is_new) schema->second = client.describe("SELECT * FROM " + scan_sql({path}));
    by_path[path] = {path, static_cast<uint64_t>(std::get<int64_t>(row[1])), std::get<int64_t>(row[2]), schema->second};
  }
  std::vector<SourceFile> files;
  for (const auto& path : paths) files.push_back(std::move(by_path.at(path)));
  return files;
}

}  // namespace

std::vector<SourceFile> inspect_parquet(Client& client, const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  if (is_remote(paths.front())) fetch_footers(client, paths);
  try {
    return footers(client, paths);
  } catch (const Error& e) {
    if (e.code() == ExitCode::kInterrupted) throw;
    for (const auto& path : paths) {  // one of them is bad: find out which
      try {
        footers(client, {path});
      } catch (const Error& bad) {
        if (is_remote(path) && bad.message().find("HTTP 403") != std::string::npos) {
          throw Error(ExitCode::kRunFailed,
                      fmt::format("no right to read {} (s3:GetObject, or the store's like): {}", path, bad.message()),
                      "Grant it to the identity of this run. Nothing was published.");
        }
        throw Error(
            ExitCode::kRunFailed, fmt::format("{}: not a readable Parquet file: {}", path, bad.message()),
            "It may be cut short or still being written. Put a whole file in its place, or move it out of the folder, "
            "and run again; nothing was published.");
      }
    }
    throw;
  }
}

std::string file_list(const std::vector<std::string>& paths) {
  std::vector<std::string> quoted;
  for (const auto& path : paths) quoted.push_back(text::sql_literal(path));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string scan_sql(const std::vector<std::string>& paths, const std::string& options) {
  // Folder names are not columns here: a path that happens to hold "x=y" must not add one.
  return fmt::format("read_parquet({}, hive_partitioning = false{})", file_list(paths), options);
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
                  text::sql_literal(fmt::format("{}-{{i}}.{}", options.name_prefix, options.compression)));
  return copy(client, select, options.folder, options, more, progress);
}

}  // namespace metl::engine
