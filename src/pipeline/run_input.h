// What one run reads: the day, once it has landed, and the pipeline's further inputs, as they are at one moment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/inputs.h"
#include "pipeline/made_of.h"
#include "pipeline/run.h"
#include "source/source.h"

namespace metl::pipeline {

class RunInput {
 public:
  // Opens the tables among the inputs (Inputs). Both outlive this.
  RunInput(const RunRequest& request, engine::Engine& engine);

  const Inputs& further() const { return further_; }

  // The day's folder.
  std::string folder() const { return source_.folder(request_.interval()); }

  // Looks at the day, for as long as the request waits for it. Throws what source::Source does.
  void look();

  // After look():
  const source::Snapshot& day() const { return *day_; }
  // Whether the day is known to hold no row: of text only after read_text().
  bool is_empty() const { return day_->is_readable() && day_->rows() == 0; }

  // Day and inputs can then be read by the engine, wherever it runs: text as Parquet files of `layout`'s folder, which
  // are staged files of the run that it no longer needs once it has staged. Throws Error that names a file.
  void read_text(const engine::WriteOptions& layout);
  std::vector<std::string> made() const;  // by it

  // What is read, and by which pipeline; after read_text().
  MadeOf made_of() const;

  // Throws Error{kConflict} that names the first file which is no longer as it was.
  void require_unchanged() const;

 private:
  const RunRequest& request_;
  engine::Engine& engine_;
  source::Source source_;
  std::optional<source::Snapshot> day_;
  Inputs further_;
};

}  // namespace metl::pipeline
