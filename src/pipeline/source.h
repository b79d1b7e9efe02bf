// The raw files of one day: which they are, and whether they have the columns that the pipeline declares.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/engine.h"
#include "lake/store.h"
#include "pipeline/definition.h"

namespace metl::pipeline {

// The day's folder below `location`.
std::string day_folder(const std::string& location, const Definition& pipeline, const Date& day);

// Its Parquet files by name; names that start with '_' or '.' are no data, nor are empty sub-folders. Empty when the
// folder holds none. Throws Error{kInputMissing} when the folder is not there, naming the nearest parent that is; in a
// store a folder is there when something lies in it.
std::vector<lake::StoredFile> list_raw_files(const std::string& folder);

// Throws Error{kRunFailed} for the first file that lacks a declared column or has it with another type, naming the
// file, the column and both types.
void require_columns(const std::vector<engine::SourceFile>& files, const Schema& declared);

}  // namespace metl::pipeline
