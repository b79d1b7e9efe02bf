#include "base/glob.h"

#include <glob.h>

namespace metl::files {

std::vector<std::string> matching(const std::string& pattern) {
  std::vector<std::string> out;
  glob_t found{};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only expanding '~' is, which is not asked for
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return out;
}

}  // namespace metl::files
