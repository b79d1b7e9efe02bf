// The raw files of one day as one snapshot: which they are, that they have the columns which the pipeline declares, and
// whether they are still the same.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "engine/engine.h"
#include "pipeline/definition.h"
#include "pipeline/landing.h"

namespace metl::pipeline {

// The day's folder below `location`.
std::string day_folder(const std::string& location, const Definition& pipeline, const Date& day);

// Throws Error{kRunFailed} with a line for each file and column that is missing, has a type that does not widen to the
// declared one, or whose name another column has too.
void require_columns(const std::vector<engine::SourceFile>& files, const Schema& declared);

class Source {
 public:
  explicit Source(std::string folder) : folder_(std::move(folder)) {}

  // Looks at the day and at every file's footer. Afterwards files() have the declared columns; they are none when no
  // file holds a row and the pipeline lets such a day be. Throws Error{kInputMissing} when it does not,
  // Error{kRunFailed} for what cannot be read, and when there are no rows while something that is not read may hold
  // some.
  void read(engine::Engine& engine, const Definition& pipeline);

  const std::string& folder() const { return folder_; }
  const std::vector<engine::SourceFile>& files() const { return files_; }
  const std::vector<std::string>& passed_over() const { return landing_.passed_over; }
  int64_t rows() const;
  uint64_t bytes() const;

  // Throws Error{kConflict} that names the first file which is no longer as read() found it.
  void require_unchanged() const;

 private:
  std::string changed() const;  // "<path> was replaced"; "" when the day is the same
  void require_rows(const Definition& pipeline) const;

  std::string folder_;
  Landing landing_;
  std::vector<engine::SourceFile> files_;
};

}  // namespace metl::pipeline
