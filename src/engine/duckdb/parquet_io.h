// Parquet in and out through DuckDB: footers, scans, COPY with the statistics of what it wrote.
#pragma once

#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/engine.h"

namespace metl::engine {

// A path as DuckDB has to read it where it takes patterns: for itself. Longer than the path only where that holds one
// of * ? [.
std::string file_pattern(const std::string& path);

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

// A column of a file as what casts to each type that it widens to: its nulls are texts, since no number casts to a
// struct.
std::string as_readable(const std::string& column, const Type& type, const Stored& stored);

// "part-<prefix>-00003.zstd.parquet".
std::string file_name(const WriteOptions& options, size_t number);

}  // namespace metl::engine
