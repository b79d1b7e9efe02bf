#include "source/readiness.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/location.h"

namespace metl::source {
namespace {

bool holds(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name;
  if (!is_remote(folder)) return std::filesystem::exists(path);
  const auto objects = storage::list_files(folder);
  return std::any_of(objects.begin(), objects.end(), [&](const auto& object) { return object.path == path; });
}

}  // namespace

std::string missing_of(const Readiness& wanted, const std::string& folder, const Landing& landing,
                       std::chrono::system_clock::time_point now) {
  std::vector<std::string> out;
  if (!wanted.file.empty() && !holds(folder, wanted.file)) out.push_back(fmt::format("there is no {}", wanted.file));
  if (const auto files = static_cast<int64_t>(landing.files.size()); files < wanted.min_files)
    out.push_back(fmt::format("it holds {} of at least {} files", files, wanted.min_files));
  int64_t newest = 0;
  for (const auto& file : landing.files) newest = std::max(newest, file.modified_millis);
  const std::chrono::system_clock::time_point written{std::chrono::milliseconds(newest)};
  if (wanted.quiet_for.count() > 0 && now - written < wanted.quiet_for) {
    out.push_back(fmt::format("its newest file was written {} s ago, and it counts as whole after {} s",
                              std::chrono::duration_cast<std::chrono::seconds>(now - written).count(),
                              wanted.quiet_for.count()));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace metl::source
