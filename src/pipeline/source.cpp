#include "pipeline/source.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/location.h"
#include "base/text.h"

namespace metl::pipeline {
namespace {

namespace fs = std::filesystem;

void require_folder(const std::string& folder) {
  std::error_code failed;
  if (is_remote(folder) || fs::is_directory(folder, failed)) return;
  fs::path present = fs::path(folder).parent_path();
  while (!present.empty() && present != present.root_path() && !fs::is_directory(present, failed))
    present = present.parent_path();
  throw Error(ExitCode::kInputMissing, fmt::format("raw folder {} does not exist", folder),
              fmt::format("The nearest folder that exists is {}. Check --execution-date and data.raw.location, or "
                          "whether the day has landed.",
                          present.string()));
}

std::vector<lake::StoredFile> list_day(const std::string& folder) {
  try {
    return lake::list_files(folder);
  } catch (const Error& e) {
    // A bucket that is not there is to a store what a missing folder is to a disk.
    const bool missing = e.message().ends_with("the bucket does not exist");
    throw missing ? Error(ExitCode::kInputMissing, e.message(), e.hint()) : e;
  }
}

}  // namespace

std::string day_folder(const std::string& location, const Definition& pipeline, const Date& day) {
  return fmt::format("{}/{}", location, day.format(pipeline.source_path));
}

std::vector<lake::StoredFile> list_raw_files(const std::string& folder) {
  require_folder(folder);
  std::vector<lake::StoredFile> files = list_day(folder);
  if (files.empty() && is_remote(folder) && lake::list_folders(folder).empty()) {
    throw Error(ExitCode::kInputMissing, fmt::format("raw folder {} does not exist: no object lies below it", folder),
                "Check --execution-date and data.raw.location, or whether the day has landed.");
  }
  std::erase_if(files, [&](const lake::StoredFile& file) {
    const std::string name = file.path.substr(folder.size() + 1);
    return name.starts_with('_') || name.starts_with('.') || !name.ends_with(".parquet");
  });
  return files;
}

void require_columns(const std::vector<engine::SourceFile>& files, const Schema& declared) {
  constexpr const char* kWhatToDo = "Correct the file, or source.columns in pipeline.yaml.";
  for (const auto& file : files) {
    for (const auto& column : declared) {
      if (find_field(file.schema, column.name) != nullptr) continue;
      std::vector<std::string> names;
      for (const auto& field : file.schema) names.push_back(field.name);
      throw Error(ExitCode::kRunFailed,
                  fmt::format("{}: column '{}' ({}) is missing.{}", file.path, column.name, type_name(column.type),
                              text::did_you_mean(column.name, names)),
                  fmt::format("The file has: {}. {}", fmt::join(names, ", "), kWhatToDo));
    }
    for (const auto& column : declared) {
      const Field* found = find_field(file.schema, column.name);
      if (found->type == column.type) continue;
      throw Error(ExitCode::kRunFailed,
                  fmt::format("{}: column '{}' has type {}, expected {}", file.path, column.name,
                              type_name(found->type), type_name(column.type)),
                  kWhatToDo);
    }
  }
}

}  // namespace metl::pipeline
