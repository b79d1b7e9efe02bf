// What computes: reads files, runs SQL, writes Parquet. Two implementations share the run's one story: embedded DuckDB
// (engine/duckdb) and a Spark Connect server (engine/spark). An engine knows no table, no checks and no order of steps.
//
// Names of columns and types are Spark's on every engine. All methods throw Error with the engine's own
// message for a failing statement, Error{kInterrupted} after interrupt(), and are called from one thread at a time,
// except interrupt().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_stats.h"
#include "base/rows.h"
#include "base/type.h"
#include "base/widening.h"
#include "sql/dialect.h"

namespace metl::engine {

// Progress of the statement that runs: percent 0..100, and rows handled so far or the tasks of a cluster, where the
// engine knows them. Called from a thread of the engine's, a few times a second; must return soon.
struct Advance {
  double percent = 0;
  uint64_t rows = 0;
  std::string tasks = {};  // "stage 1 of 2, task 3 of 8, 2 running"
};
using Progress = std::function<void(const Advance& now)>;

// A Parquet file that this engine wrote.
struct DataFile {
  std::string path;  // absolute path or URL
  uint64_t bytes = 0;
  int64_t rows = 0;
  FileStats stats;
};

// Parquet files with the same constant columns: those of one partition.
struct FileGroup {
  std::vector<std::string> paths;
  // Column -> value as text, empty for NULL: never read from the files, even where they have such a column. A column
  // of neither file nor map is NULL.
  std::map<std::string, std::optional<std::string>> constants;
  // Path -> numbers of the rows in that file that are not there any more, from 0, ascending.
  std::map<std::string, std::vector<int64_t>> deleted_rows = {};
};

// How the files of a view name its columns, where they do so otherwise.
struct StoredColumns {
  Schema columns;              // as many, in the same order and shape, under the files' names
  std::vector<int> field_ids;  // by which the files' columns are found instead of by their names; empty for none
};

// What a confined engine may touch.
struct Confinement {
  std::vector<std::string> files = {};    // readable
  std::vector<std::string> folders = {};  // readable with all below them
  std::string writable = {};              // a folder; may not exist yet; "" for none
  // SQL means what this engine's users know (functions, the order of NULLs), not what Spark means by it.
  bool own_sql = false;
};

// How a file stores a column, as far as its name and its type in Spark's words do not tell.
struct Stored {
  std::string name;          // DuckDB's for it, another than its own where two names of the file differ in case only
  std::string type;          // in DuckDB's words: "UINTEGER", "TIME", "TIMESTAMP_NS"
  NullLeaves nulls = {};     // its leaves of Parquet's null type
  bool int96 = false;        // a time as an INT96, which is an instant
  bool nanoseconds = false;  // a time with more digits than any type here has
  // All times in the column that have so many: "v.element.at: timestamp[ns, UTC]".
  std::vector<std::string> finer = {};
};

// A Parquet file to read, as its footer describes it.
struct SourceFile {
  std::string path;
  uint64_t bytes = 0;
  int64_t rows = 0;
  Schema schema;               // its names as they are, also two that differ in case only; types that hold every value
  std::vector<Stored> stored;  // of each column of the schema
};

// How text files hold rows. CSV has a header; JSON has one object a line.
struct TextFormat {
  enum class Kind { kCsv, kJson };
  Kind kind = Kind::kCsv;
  // Of CSV:
  std::string delimiter = ",";  // one character
  std::string quote = "\"";     // one character, doubled inside of quotes
  std::string null = "";        // what a value without quotes says that is none
};

struct Dedupe {
  std::vector<std::string> key;  // columns; NULL equals NULL
  // Ascending, NULL first; ties are broken by the other columns, in their order.
  std::vector<std::string> order;
  bool keep_last = false;  // the last row in this order stays, else the first
};

// How staged files are laid out.
struct WriteOptions {
  std::string folder;                   // exists; the files' place
  std::string name_prefix;              // file names start with it, or the name of a folder in it that holds the files
  std::vector<std::string> cluster_by;  // sort columns inside each file; may be empty
  std::string compression = "zstd";     // snappy | zstd
  std::string parquet_version = "v1";   // v1 | v2, the file format's: not every reader skips inside v2's integers
  uint64_t target_bytes = 128'000'000;  // of one file, about
};

// Beside the declared columns of `source`, where StageRequest::origins asks for it: text.
inline constexpr const char* kOriginColumn = "metl_origin";

// The transform of one day.
struct StageRequest {
  std::vector<SourceFile> sources;
  Schema source_columns;  // what `select` sees: each is in every file, with a type that widens to its own
  // Of each source, what the view's further column kOriginColumn says of its rows; none: there is no such column.
  std::vector<std::string> origins = {};
  std::optional<Dedupe> dedupe;  // done before `select`
  std::string select;            // SQL over the view `source` and the views that there are
  Schema target_columns;         // what `select` must yield, in order; each is cast to its type
  WriteOptions write;
};

struct StageResult {
  std::vector<DataFile> files;  // none when no row came out
  int64_t duplicates = 0;       // rows that dedupe dropped
  int64_t given = 0;            // rows that `select` saw
  int64_t rows = 0;             // rows written
  bool at_most_one = false;     // each row that `select` saw gave one row or none
};

class Engine {
 public:
  virtual ~Engine() = default;

  // "DuckDB 1.5.5": for records and reports. An engine that is a server is asked.
  virtual std::string description() = 0;
  // Where its SQL differs from the other engine's.
  virtual const sql::Dialect& dialect() const = 0;
  // Whether every question is a journey to a server.
  virtual bool is_a_server() const = 0;

  // Footer of every file. Throws Error that names the first file that is not Parquet or is cut short.
  virtual std::vector<SourceFile> inspect(const std::vector<std::string>& paths) = 0;

  // Each of these text files as one Parquet file with these columns, in their order; in `options.folder`. A JSON
  // object's missing key is NULL. Throws Error{kBadInput} that names the file, and the record and column where there is
  // one, for a value that the declared type cannot hold as it is, and for a declared column that a header lacks.
  virtual std::vector<SourceFile> to_parquet(const std::vector<std::string>& paths, const TextFormat& format,
                                             const Schema& columns, const WriteOptions& options) = 0;

  // The columns `select` yields over a view `source` of these columns and the views that there are. Throws
  // Error{kConfiguration} for SQL that does not bind.
  virtual Schema describe(const Schema& source_columns, const std::string& select) = 0;

  virtual StageResult stage(const StageRequest& request, const Progress& progress) = 0;

  // A view of these columns over Parquet files, one scan however many groups there are; no files make an empty view.
  // `name` may be database.table. An existing view of that name is replaced. `stored` without columns: the files use
  // the same names. Returns the name as SQL has to write it. Throws Error for what an engine cannot read.
  virtual std::string create_view(const std::string& name, const Schema& columns, const std::vector<FileGroup>& groups,
                                  const StoredColumns& stored = {}) = 0;

  // A view that this engine made, or one of fewer of its files: those that can hold rows for which `condition` (SQL) is
  // true.
  virtual std::string narrowed(const std::string& view, const std::string& /*condition*/) { return view; }

  // The result of a SELECT. For small results: everything is held in memory.
  virtual Rows query(const std::string& sql) = 0;

  // Writes a SELECT as Parquet files. The files of one call hold its rows in the SELECT's clustering.
  virtual std::vector<DataFile> write(const std::string& select, const WriteOptions& options,
                                      const Progress& progress) = 0;

  // How many distinct values of `key` occur in more than one row of `view` that satisfies `condition` (SQL, may be
  // empty); rows with a NULL in `key` do not count (SodaCL's duplicate_count).
  virtual int64_t duplicate_keys(const std::string& view, const std::vector<std::string>& key,
                                 const std::string& condition) = 0;

  // A new engine of the same kind for SQL of unknown origin: it runs nothing but SELECTs, and reads and writes nothing
  // but what is given here. interrupt() of this engine stops it too.
  virtual std::unique_ptr<Engine> confined(const Confinement& limits) = 0;

  // Stops the running statement and makes every later one throw Error{kInterrupted}. Any thread, also a signal
  // watcher's.
  virtual void interrupt() = 0;
};

}  // namespace metl::engine
