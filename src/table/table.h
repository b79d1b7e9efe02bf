// A Delta table: snapshot, files of a partition, one atomic replace, upkeep. The Delta protocol itself is
// delta-kernel's, behind the Rust bridge; ours are the rules around it: what conflicts, what is durable, what an
// unknown outcome means.
//
// A Table is one version of the table and never changes; newer versions are opened anew. Only this layer includes the
// bridge.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/type.h"

namespace metl::table {

// What a table is created with, and compared against on later runs.
struct TableSpec {
  Schema columns;  // in order, the partition column included
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> properties;  // delta.*
};

// A file of the table's log, or to be added to it.
struct File {
  std::string path;  // relative to the table's root, not URL-encoded: "run_date=2021-01-01/part-....parquet"
  uint64_t bytes = 0;
  int64_t rows = 0;             // -1 where the log has no statistics
  int64_t modified_millis = 0;  // since the epoch
  std::string stats_json;       // Delta's: numRecords, minValues, maxValues, nullCount; "" for none; logged as it is
  bool deletion_vector =
      false;  // read only: some of its rows are deleted, so it must not be read as a plain Parquet file
  std::map<std::string, std::string> partition = {};  // read only: column -> value as Delta writes it; a NULL is absent
  std::string vector = {};  // the deletion vector's descriptor, for Table::deleted_rows; logged as it is
  std::map<std::string, std::string> tags = {};  // that its writer left in the log
};

using Partition = std::map<std::string, std::string>;  // partition column -> value

// A partition whose live files are replaced.
struct PartitionChange {
  Partition partition;    // with some of the table's columns, or none: all partitions that have these values
  std::vector<File> add;  // files in place and fsynced, of this partition alone; may be none
  std::optional<std::vector<std::string>> remove = std::nullopt;  // paths of live files; nothing said: all of them
};

// A number that a commit left in the log under a name; it stays until a later commit sets it anew
// (docs/decisions/0018).
struct Mark {
  int64_t value = 0;
  int64_t set_millis = -1;  // since the epoch; -1 where the log does not say
};

// One transaction. Conflicts are judged by the partitions that it names, and by `app_id`.
struct Change {
  std::vector<PartitionChange> partitions;
  std::string run_id;     // unique; found again by committed_version_of
  std::string app_id;     // txn app id; its version counts up by one; "" for none
  std::string operation;  // "WRITE", "OPTIMIZE"
  std::map<std::string, std::string> operation_parameters;
  std::map<std::string, std::string> operation_metrics;
  std::string user_metadata;                           // JSON
  bool data_change = true;                             // false: same rows in other files (compaction)
  std::map<std::string, std::string> properties = {};  // of the table, set by the same commit
  std::map<std::string, int64_t> marks = {};           // by name; the same
  std::string version_mark = {};  // name of a mark that gets the version of the commit itself; "" for none
};

struct CommitOutcome {
  enum class Kind {
    kCommitted,  // durable: log entry and its folder are fsynced
    kConflict,   // another commit changed the same partition, the schema or the protocol after this snapshot; nothing
                 // done
    kUnknown,    // the store failed and the log cannot be read: the commit may or may not exist; delete nothing
  };
  Kind kind = Kind::kCommitted;
  uint64_t version = 0;         // kCommitted: of the commit
  uint64_t attempts = 1;        // kCommitted: how many log versions were tried
  int64_t files_replaced = -1;  // kCommitted: live files of the partition before; -1 where the store's answer was lost
  std::string detail;           // kConflict, kUnknown: for people
};

class Table {
 public:
  // The latest version at `root` (an absolute local path, or a location in a store), to read: it may have features that
  // only a writer has to know (require_writable). Empty when there is no table.
  // Throws Error for a log that is torn, corrupt or of a future protocol, naming the file or feature.
  static std::optional<Table> open(const std::string& root);

  // An older version, which the log must still have (history.h). Throws Error as open().
  static Table open_at(const std::string& root, uint64_t version);

  // Creates version 0, with no files. When somebody else created it meanwhile, opens that. Throws Error.
  static Table create(const std::string& root, const TableSpec& spec);

  // Makes such a table in memory, fills a partition of it and replaces that. Throws Error with what stands
  // in the way: then no run could do it either.
  static void rehearse(const TableSpec& spec);

  // The newest version, with only what the log has more than this one read anew. Throws Error{kConflict} when this
  // table is no longer there: dropped, or made anew in its place.
  Table refreshed() const;

  ~Table();
  Table(Table&&) noexcept;
  Table& operator=(Table&&) noexcept;

  const std::string& root() const;
  uint64_t version() const;
  uint64_t checkpoint_version() const;   // of the checkpoint that it was read from; 0 without one
  uint64_t checkpoint_interval() const;  // versions from one checkpoint to the next: delta.checkpointInterval, or 10
  int64_t committed_millis() const;  // of this version, since the epoch, by the clock of who committed or of the store
  const Schema& columns() const;     // the partition column included, comments too
  const std::vector<std::string>& partition_columns() const;
  const std::map<std::string, std::string>& properties() const;
  const std::vector<std::string>& features() const;  // of those that ask something of a writer's rows: see the bridge

  // "varchar(5)" of the columns that Spark declared so; of nested ones their whole type.
  const std::map<std::string, std::string>& lengths() const;

  // The leaf columns that files added to this version should have statistics of, each as the names from the column
  // down: what delta.dataSkippingStatsColumns names, or the first delta.dataSkippingNumIndexedCols (32).
  std::vector<std::vector<std::string>> statistics_columns() const;

  // The columns under the names that the data files have, where the table maps names; else none.
  const Schema& stored_columns() const;
  // By which the data files' columns are to be found, in the order of columns(); none where names say it.
  const std::vector<int>& field_ids() const;

  // Throws Error unless this program may write to the table, naming the feature that forbids it.
  void require_writable() const;

  // Live files of one partition, of the whole table for {}; ordered by path. Without their statistics, rows are -1: a
  // table of many files has more of these than of all else.
  enum class Statistics { kRead, kLeft };
  std::vector<File> files(const Partition& partition, Statistics statistics = Statistics::kRead) const;

  // The numbers of the rows that are deleted from a file of this version, ascending. Throws Error.
  std::vector<int64_t> deleted_rows(const File& file) const;

  // Commits on this snapshot; when only other partitions changed since, moves on to the newer snapshot and tries again
  // (bounded, with jitter). Throws Error for what is neither success, conflict nor unknown (no rights, disk
  // full).
  CommitOutcome commit(const Change& change) const;

  // Adds nullable columns at the end, in one commit. False when somebody else committed meanwhile (open again).
  bool add_columns(const Schema& columns) const;

  // Adds a version that changes nothing, unless somebody else adds one meanwhile. Either way, a commit whose request
  // was on its way to the store when this snapshot was opened is in the log now or never will be. Throws
  // Error.
  void fence() const;

  // Writes a checkpoint of this version and fsyncs it.
  void checkpoint() const;

  // Whether the log still holds each version after `since` up to this one: nothing was cleaned up or lost.
  bool has_all_versions_since(uint64_t since) const;

  // The marks whose names begin so, by name. One pass over the log, however many there are.
  std::map<std::string, Mark> marks(const std::string& prefix) const;

  // The user metadata of the commits that the log still holds, newest first, until `visit` says to stop (false).
  void visit_user_metadata(const std::function<bool(const std::string& text)>& visit) const;

  // The version whose commitInfo carries `run_id`, searched in the log after version `since`.
  std::optional<uint64_t> committed_version_of(const std::string& run_id, uint64_t since) const;

 private:
  struct Impl;
  explicit Table(std::unique_ptr<Impl> impl);

  // What became of a commit whose call failed: the log says. Throws `failure` when it did not happen.
  CommitOutcome resolve(const std::string& run_id, uint64_t attempt, const Error& failure) const;

  std::unique_ptr<Impl> impl_;
};

}  // namespace metl::table
