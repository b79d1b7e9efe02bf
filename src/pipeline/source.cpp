#include "pipeline/source.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"

namespace metl::pipeline {
namespace fs = std::filesystem;

std::string day_folder(const std::string& location, const Definition& pipeline, const Date& day) {
  return fmt::format("{}/{}", location, day.format(pipeline.source_path));
}

std::vector<RawFile> list_raw_files(const std::string& folder) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) {
    fs::path present = fs::path(folder).parent_path();
    while (!present.empty() && present != present.root_path() && !fs::is_directory(present, failed))
      present = present.parent_path();
    throw Error(ExitCode::kInputMissing, fmt::format("raw folder {} does not exist", folder),
                fmt::format("The nearest folder that exists is {}. Check --execution-date and data.raw.location, or "
                            "whether the day has landed.",
                            present.string()));
  }
  std::vector<RawFile> files;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename();
    if (name.starts_with('_') || name.starts_with('.') || !name.ends_with(".parquet") || !entry.is_regular_file())
      continue;
    const auto modified =
        std::chrono::duration_cast<std::chrono::nanoseconds>(entry.last_write_time().time_since_epoch()).count();
    files.push_back({entry.path(), entry.file_size(), modified});
  }
  if (failed)
    throw Error(ExitCode::kInputMissing, fmt::format("raw folder {} cannot be read: {}", folder, failed.message()));
  std::sort(files.begin(), files.end());
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
