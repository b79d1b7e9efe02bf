// The places that the server and this program both reach: under the server's names, and as this side tidies them.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace metl::engine {

// A path or URL as Spark has to name it: "file:///data/x" whatever its default file system is, s3a:// for s3://.
std::string spark_path(const std::string& path);

// The same where Spark reads a pattern: what would be a wildcard is escaped.
std::string spark_pattern(const std::string& path);

// The data files among all that Spark wrote into `folder`, by name. Its markers and checksums (_SUCCESS, .x.crc) are
// given to `remove`.
std::vector<std::string> take_data_files(const std::string& folder, const std::vector<std::string>& written,
                                         const std::function<void(const std::vector<std::string>& paths)>& remove);

// After a write that failed: looks at what `list` finds after each `pause`, until it was the same ten times on end, or
// a hundred times at most. Spark says that a write has ended before the tasks that it kills have: until then they make
// files and folders again. Gives up where `list` throws an Error.
void wait_for_killed_tasks(const std::function<std::vector<std::string>()>& list, std::chrono::milliseconds pause);

}  // namespace metl::engine
