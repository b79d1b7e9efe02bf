// What of a table's folder has to stay: the files that a retained version names, those that carry its deletion vectors
// and its change feed, and what belongs to a run with a lease. Internal to src/table.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "table/table.h"

namespace metl::table {

// The file that a deletion vector's descriptor (JSON) names, below the table's root; "" for one inside the log. Throws
// Error for a descriptor that is not understood: what it needs is then not known.
std::string vector_file(const std::string& descriptor, const std::string& root);

class Needed {
 public:
  // A version is retained when it was the newest one at `since_millis` or later. Throws Error when the log does not
  // reach back that far, or cannot be read.
  Needed(const Table& table, int64_t since_millis);

  // Whether a file, by its path below the root, has to stay.
  bool holds(const std::string& below) const;

  // Adds what versions that came since name. To be called before files are removed: a restore may have brought them
  // back.
  void refresh();

 private:
  void read_entry(uint64_t version, const std::string& text, int64_t millis);
  void take(const std::string& logged_path);

  std::string root_;
  int64_t since_;
  uint64_t seen_;                    // the newest version that was read
  std::set<std::string> paths_;      // below the root
  std::vector<std::string> leased_;  // run ids: what has one of them in its name is that run's
};

}  // namespace metl::table
