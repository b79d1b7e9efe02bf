// The one guard in front of what a run staged and has to go. Every removal of staged files, of the run itself, of a
// later one, of a command, goes through it.
//
// Removed is only what is all of this:
//   - in the partition's folder of the run, which has a safe name (is_partition_folder) and lies below the table's
//     folder; no part of the way from there on is a link,
//   - a regular file "part-<run id>-<digit>...", or in the folder "part-<run id>" that an engine made for this run or
//     that is the run's own,
//   - named by no file of the table's present snapshot.
// Locally the folders are held open while it works, so nobody can put a link in the way meanwhile. What cannot be
// removed is a warning, never an error.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "table/lease.h"
#include "table/table.h"

namespace metl::table {

class Removal {
 public:
  // kScratch: only what no version of a table can name, also of a run that was published.
  enum class What { kAll, kScratch };

  // `table`: the present snapshot; null without a table. Throws Error when its files cannot be read.
  Removal(std::string root, StagedRun run, const Table* table, What what = What::kAll);

  // What there is to remove, as paths, ordered. Throws Error for a store that does not answer.
  std::vector<std::string> files() const;

  // Whether the present snapshot names a file of the run's: it was published then, whatever else says so.
  bool is_live() const;

  // Removes it, and the engine's folder. False when something is left. Throws as files().
  bool remove() const;

 private:
  bool is_of_run(std::string_view below) const;
  std::vector<std::string> remote_files() const;
  bool visit(bool removing, std::vector<std::string>& found) const;

  std::string root_;
  StagedRun run_;
  What what_;
  std::set<std::string> live_;  // below the root
};

}  // namespace metl::table
