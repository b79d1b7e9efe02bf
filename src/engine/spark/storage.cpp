#include "engine/spark/storage.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"

namespace metl::engine {
namespace fs = std::filesystem;

std::string spark_path(const std::string& path) {
  constexpr std::string_view kS3 = "s3://";
  if (path.starts_with(kS3)) return "s3a://" + path.substr(kS3.size());
  return path.find("://") == std::string::npos ? "file://" + path : path;
}

std::string spark_pattern(const std::string& path) {
  std::string out;
  for (const char c : spark_path(path)) {
    if (std::string_view("{}[]*?\\,").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::vector<std::string> take_data_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename();
    if (name.starts_with('_') || name.starts_with('.')) {
      others.push_back(entry.path());
    } else {
      files.push_back(entry.path());
    }
  }
  if (failed) {
    throw Error(ExitCode::kRunFailed,
                fmt::format("what the Spark server wrote to {} is not there: {}", folder, failed.message()),
                "The server and this program must reach the same storage under the same path: share the folder, or use "
                "an object store.");
  }
  for (const auto& path : others) fs::remove_all(path, failed);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace metl::engine
