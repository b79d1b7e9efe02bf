// A pipeline's raw input. Of a day it is one snapshot: which files there are, that they have the columns which the
// pipeline declares, and whether they are still the same.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/yaml.h"
#include "engine/engine.h"
#include "source/landing.h"

namespace metl::source {

enum class EmptyInput { kFail, kKeep, kClear };  // what a day without rows does: error; leave the partition; empty it

// What pipeline.yaml says of its input.
struct Description {
  std::optional<yaml::PlacedText> location;  // instead of the setting data.raw.location
  std::string path;                          // of a day's folder below the raw location: "{yyyy}/{MM}/{dd}"
  Schema columns;                            // declared
  EmptyInput on_empty_input = EmptyInput::kFail;
  std::string file;  // pipeline.yaml, for messages
};

// Throws Error with a line for each file and column that is missing, has a type that does not widen to the
// declared one, or whose name another column has too.
void require_columns(const std::vector<engine::SourceFile>& files, const Schema& declared);

// A day's files as they were at one moment.
class Snapshot {
 public:
  Snapshot(std::string folder, Landing landing) : folder_(std::move(folder)), landing_(std::move(landing)) {}

  const std::string& folder() const { return folder_; }
  const std::vector<engine::SourceFile>& files() const { return files_; }
  const std::vector<std::string>& passed_over() const { return landing_.passed_over; }
  int64_t rows() const;
  uint64_t bytes() const;

  // Throws Error{kConflict} that names the first file which is no longer as it was.
  void require_unchanged() const;

 private:
  friend class Source;

  std::string changed() const;  // "<path> was replaced"; "" when the day is the same
  void require_rows(const Description& described) const;

  std::string folder_;
  Landing landing_;
  std::vector<engine::SourceFile> files_;
};

class Source {
 public:
  // `location`: absolute local path, or in a store that is open. `described` outlives this.
  Source(std::string location, const Description& described) : location_(std::move(location)), described_(described) {}

  // The day's folder.
  std::string folder(const Date& day) const;

  // Looks at the day and, with `engine`, at every file's footer. The files have the declared columns; there are none
  // when no file holds a row and the pipeline lets such a day be. Throws Error{kInputMissing} when it does not,
  // Error for what cannot be read, and when there are no rows while something that is not read may hold
  // some.
  Snapshot snapshot(const Date& day, engine::Engine& engine) const;

 private:
  std::string location_;
  const Description& described_;
};

}  // namespace metl::source
