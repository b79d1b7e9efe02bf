// What the feed has written, and what it was about to write when it was killed: the records of `_feed/` below the raw
// location. Each event is in the raw files once because of the order of four steps (docs/decisions/0019):
//
// 1. The files of a stretch of offsets are written whole, and flushed, where no reader looks: _feed/staged/.
// 2. An intent, named after the stretch's first offset, says which files these are and where they belong. Only one
//    process can create it: who comes second has read the same events in vain.
// 3. Each file gets its name in its day's folder.
// 4. An offsets record says that the intent is done. The next stretch begins where it ends.
//
// After a kill between 2 and 4 whoever comes next does 3 and 4 with the very same files, so nothing depends on the
// broker still having the events. A kill before 2 leaves files that no record names: they are swept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "kafka/reader.h"

namespace metl::feed {

struct FeedFile {
  std::string name;  // in the folder of its stage
  std::string path;  // below the raw location: "2021/01/01/orders-0-0-99.parquet"
  int64_t rows = 0;
};

// A stretch of a partition's offsets, and the files that hold all its events.
struct Intent {
  kafka::Partition partition;
  int64_t first = 0;
  int64_t next = 0;      // behind the stretch
  int64_t rows = 0;      // in files of days
  int64_t rejected = 0;  // in a file of _rejected/
  std::string stage;     // name of the folder that holds the files
  std::vector<FeedFile> files;
};

std::string to_json(const Intent& intent);
// Throws Error{kFailed} that names `file` for what is no intent.
Intent intent_of(const std::string& file, const std::string& json);

class Ledger {
 public:
  // `raw`: a local folder, which is made if it is not there. Removes the files of dead ingests that no intent names.
  // Throws Error.
  explicit Ledger(std::string raw);
  ~Ledger();  // removes the stage
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Where to read on; empty for a partition that was never read. Completes an intent that was left undone.
  std::optional<int64_t> position(const kafka::Partition& partition);

  const std::string& stage() const { return stage_; }  // an absolute path
  std::string stage_name() const;

  // Steps 1 (the flush) to 4. Throws Error{kConflict} when another ingest was first; its files are then staged in vain.
  void publish(const Intent& intent);

 private:
  std::string folder_of(const kafka::Partition& partition) const;
  void complete(const Intent& intent);
  void give_name(const Intent& intent, const FeedFile& file);
  void sweep();

  std::string raw_;
  std::string stage_;
  files::Descriptor lock_;  // held: the stage's owner lives
};

}  // namespace metl::feed
