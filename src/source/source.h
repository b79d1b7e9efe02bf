// A pipeline's raw input. Of a day it is one snapshot: which files there are, that they have the columns which the
// pipeline declares, and whether they are still the same.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/yaml.h"
#include "engine/engine.h"
#include "source/contents.h"
#include "source/interval.h"
#include "source/landing.h"
#include "source/readiness.h"

namespace metl::source {

enum class EmptyInput { kFail, kKeep, kClear };  // what a day without rows does: error; leave the partition; empty it

// What pipeline.yaml says of its input.
struct Description {
  std::optional<yaml::PlacedText> location;  // instead of the setting data.raw.location
  std::string path;                          // of a day's folder below the raw location: "{yyyy}/{MM}/{dd}"
  bool by_hour = false;                      // the path has {HH} too
  Contents contents;
  Readiness ready;
  int lookback = 0;  // days, or hours, before the run's own whose folders are read too, for what came late
  EmptyInput on_empty_input = EmptyInput::kFail;
  std::string file;  // pipeline.yaml, for messages
};

// Throws Error with a line for each file and column that is missing, has a type that does not widen to the
// declared one, or whose name another column has too.
void require_columns(const std::vector<engine::SourceFile>& files, const Schema& declared);

// A warning for each time in one of the columns, however deep, that a file has in more digits than any type here.
void warn_of_cut_times(const std::vector<engine::SourceFile>& files, const Schema& columns);

// Files of input as they were at one moment. Those of text are read as Parquet files that are made of them.
class Snapshot {
 public:
  // Of what `look` saw and sees again whenever it is asked; looks with `engine` at the footer of every Parquet file:
  // they have the declared columns. Throws Error for what cannot be read.
  Snapshot(Contents contents, Landing seen, std::function<Landing()> look, engine::Engine& engine);

  const Landing& landing() const { return landing_; }
  uint64_t bytes() const;  // of the files as they lie there

  // Whether the files can be read by an engine as they are: text first becomes Parquet.
  bool is_readable() const { return files_.size() == landing_.files.size(); }
  // Makes a Parquet file in `options.folder` of each file of text; whose they are is for the caller to see to.
  void to_parquet(engine::Engine& engine, const engine::WriteOptions& options);
  std::vector<std::string> made() const;  // by that

  // Once they are readable:
  const std::vector<engine::SourceFile>& files() const { return files_; }
  int64_t rows() const;

  // Throws Error{kConflict} that names the first file which is no longer as it was.
  void require_unchanged() const;

 private:
  std::string changed() const;  // "<path> was replaced"; "" when all is the same

  Contents contents_;
  std::function<Landing()> look_;
  Landing landing_;
  std::vector<engine::SourceFile> files_;
};

class Source {
 public:
  // `location`: absolute local path, or in a store that is open. `described` outlives this.
  Source(std::string location, const Description& described) : location_(std::move(location)), described_(described) {}

  // The folder of the day, or of the hour.
  std::string folder(const Interval& interval) const;

  // What lies there, and in the folders before it that are looked back to. Throws Error{kInputMissing} for a day that
  // is not ready.
  Landing landed(const Interval& interval) const;

  // The same with a warning for what is passed over; Parquet files have the declared columns.
  Snapshot snapshot(const Interval& interval, engine::Engine& engine) const;

  // Of a readable snapshot: throws Error{kInputMissing} when no file holds a row and the pipeline does not let such a
  // day be, and Error when there are no rows while something that is not read may hold some.
  void require_rows(const Interval& interval, const Snapshot& snapshot) const;

 private:
  Landing look(const Interval& interval) const;

  std::string location_;
  const Description& described_;
};

}  // namespace metl::source
