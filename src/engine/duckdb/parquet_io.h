// Parquet in and out through DuckDB: footers, scans, COPY with the statistics of what it wrote.
#pragma once

#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/engine.h"

namespace metl::engine {

// Engine::inspect.
std::vector<SourceFile> inspect_parquet(Client& client, const std::vector<std::string>& paths);

// "['a', 'b']": these files and no others, for the functions that read Parquet.
std::string file_list(const std::vector<std::string>& paths);

// "read_parquet(['a', 'b']<options>)"; `options` like ", file_row_number = true".
std::string scan_sql(const std::vector<std::string>& paths, const std::string& options = {});

// COPY of a SELECT to one file.
std::vector<DataFile> copy_to_file(Client& client, const std::string& select, const std::string& path,
                                   const WriteOptions& options, const Client::OnProgress& progress);

// COPY of a SELECT to as many files of about the target size as it takes, in the SELECT's order.
std::vector<DataFile> copy_to_files(Client& client, const std::string& select, const WriteOptions& options,
                                    const Client::OnProgress& progress);

// "part-<prefix>-00003.zstd.parquet".
std::string file_name(const WriteOptions& options, size_t number);

}  // namespace metl::engine
