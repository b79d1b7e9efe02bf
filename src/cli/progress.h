// The progress bar of a run on standard error: step, bar, percentage, rows. The drawing is crate indicatif's, behind
// the bridge.
//
// Log lines may interleave with it; it redraws itself below them. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

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

  // `percent` of the step, 0 to 100; `rows` so far, not shown while 0.
  void update(double percent, uint64_t rows);

  // Takes the bar off the screen; later calls draw nothing. Before the run's summary.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace metl::cli
