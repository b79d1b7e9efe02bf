#include "engine/spark/storage.h"

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "base/log.h"

namespace metl::engine {

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

std::vector<std::string> take_data_files(const std::string& folder, const std::vector<std::string>& written,
                                         const std::function<void(const std::vector<std::string>& paths)>& remove) {
  if (written.empty()) {
    throw Error(Cause::kNotFound, fmt::format("what the Spark server wrote to {} is not there", folder),
                "The server and this program must reach the same storage under the same path: share the folder, or use "
                "an object store.");
  }
  std::vector<std::string> files, others;
  for (const auto& path : written) {
    const std::string_view name = std::string_view(path).substr(folder.size() + 1);
    (name.starts_with('_') || name.starts_with('.') ? others : files).push_back(path);
  }
  remove(others);
  std::sort(files.begin(), files.end());
  return files;
}

void wait_for_killed_tasks(const std::function<std::vector<std::string>()>& list, std::chrono::milliseconds pause) {
  try {
    auto before = list();
    for (int looks = 0, same = 0; same < 10 && looks < 100; ++looks) {
      std::this_thread::sleep_for(pause);
      auto now = list();
      same = now == before ? same + 1 : 0;
      before = std::move(now);
    }
  } catch (const Error& e) {  // the write's own error is the one to tell
    log::debug("what a failed write left cannot be listed: {}", e.message());
  }
}

}  // namespace metl::engine
