// The progress bar of a run on standard error: step, bar, percentage, rows. The drawing is crate indicatif's, behind
// the bridge.
//
// While it is on the screen log lines go through it: it prints each above itself, so that the two never share a line.
// Safe to call from any thread.
#pragma once

#include <memory>
#include <string_view>

#include "engine/engine.h"

namespace metl::cli {

class Progress {
 public:
  // `visible` false: draws nothing and costs nothing. The caller decides (a terminal, not --quiet, not JSON logs).
  Progress(bool visible, bool colour);
  ~Progress();  // as finish()
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // A new step: its name, at 0 %.
  void step(std::string_view name);

  // How far the step is; rows or tasks are shown once there are some.
  void update(const engine::Advance& now);

  // Takes the bar off the screen until the next step. Before a run's summary.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace metl::cli
