// The progress of a command on standard error, one line for all of its days: percentage, time, day, step, rows. It
// never goes backwards, and ends at 100 % when all is done. The drawing is crate indicatif's, behind the bridge.
//
// While it is on the screen log lines go through it: it prints each above itself, so that the two never share a line.
// One thread at a time.
#pragma once

#include <memory>
#include <mutex>
#include <string>
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

  // The day that begins, from 1. Without days the work is one.
  void day(size_t number, size_t of);

  // The step of the day that begins: those of a run have their shares of it, any other is all of it.
  void step(std::string_view name);

  // How far the step is; rows or tasks are shown once there are some. From any thread.
  void update(const engine::Advance& now);

  // How far all of it is, in percent, for who knows it; shown unless it would go backwards. From any thread.
  void show(double percent, std::string_view message);

  // Takes it off the screen until the next call. Before a day's summary.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace metl::cli
