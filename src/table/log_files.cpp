#include "table/log_files.h"

#include <algorithm>
#include <charconv>

namespace metl::table {

std::vector<LogFile> log_files(const std::string& root) {
  constexpr size_t kDigits = 20;
  std::vector<LogFile> out;
  for (auto& file : storage::list_files(root + "/_delta_log")) {
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    uint64_t version = 0;
    if (name.size() <= kDigits) continue;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + kDigits, version);
    if (failed != std::errc() || end != name.data() + kDigits) continue;
    out.push_back({std::move(file), version, name.substr(kDigits)});
  }
  std::stable_sort(out.begin(), out.end(), [](const LogFile& a, const LogFile& b) { return a.version < b.version; });
  return out;
}

}  // namespace metl::table
