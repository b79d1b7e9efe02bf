#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "movies_etl_bridge/src/lib.rs.h"
#include "rust/cxx.h"

namespace metl::cli {
namespace {

rust::Str to_rust(std::string_view text) { return {text.data(), text.size()}; }

// From where to where of a day a step goes: about what each takes of a day of millions of rows.
struct Share {
  std::string_view step;
  double from, to;
};
constexpr std::array<Share, 6> kShares{{{"bind", 0, 0.02},
                                        {"read", 0.02, 0.05},
                                        {"agree", 0.05, 0.06},
                                        {"stage", 0.06, 0.8},
                                        {"check", 0.8, 0.95},
                                        {"publish", 0.95, 1}}};
constexpr double kPercent = 100;

}  // namespace

struct Progress::Impl {
  explicit Impl(bool coloured) : colour(coloured), bar(bridge::new_bar(coloured)) {}

  bool colour;
  rust::Box<bridge::Bar> bar;  // until it was taken off the screen
  std::mutex mutex;            // guards what follows
  size_t day = 1;
  size_t days = 1;
  Share step{"", 0, 1};
  double furthest = 0;  // percent of all
  bool on_screen = false;

  void show(double percent, std::string_view message) {
    log::write_lines_with([this](std::string_view line) {  // A path in it may be no UTF-8.
      bar->print_above(rust::String::lossy(line.data(), line.size()));
    });
    if (!on_screen && furthest > 0) bar = bridge::new_bar(colour);
    on_screen = true;
    furthest = std::max(furthest, percent);
    bar->update(furthest, to_rust(message));
  }

  // Of the step so much, from 0 to 1.
  void show_step(double part, const std::string& detail) {
    const double of_day = step.from + (step.to - step.from) * std::clamp(part, 0.0, 1.0);
    const std::string which = days > 1 ? fmt::format("day {} of {}, ", day, days) : "";
    show(kPercent * (static_cast<double>(day - 1) + of_day) / static_cast<double>(days),
         fmt::format("{}{}{}{}", which, step.step, detail.empty() ? "" : ", ", detail));
  }
};

Progress::Progress(bool visible, bool colour) {
  if (!visible) return;
  try {
    impl_ = std::make_unique<Impl>(colour);
  } catch (const rust::Error& e) {  // A run goes on without a bar.
    log::warning("no progress is shown: {}", e.what());
  }
}

Progress::~Progress() { finish(); }

void Progress::day(size_t number, size_t of) {
  if (!impl_) return;
  const std::lock_guard lock(impl_->mutex);
  impl_->day = number;
  impl_->days = of;
}

void Progress::step(std::string_view name) {
  if (!impl_) return;
  const std::lock_guard lock(impl_->mutex);
  const auto* known = std::find_if(kShares.begin(), kShares.end(), [&](const Share& one) { return one.step == name; });
  impl_->step = known == kShares.end() ? Share{name, 0, 1} : *known;
  impl_->show_step(0, "");
}

void Progress::update(const engine::Advance& now) {
  if (!impl_) return;
  std::string detail = now.tasks;
  if (now.rows > 0) detail = text::human_count(static_cast<int64_t>(now.rows)) + " rows";
  const std::lock_guard lock(impl_->mutex);
  impl_->show_step(now.percent / kPercent, detail);
}

void Progress::show(double percent, std::string_view message) {
  if (!impl_) return;
  const std::lock_guard lock(impl_->mutex);
  impl_->show(percent, message);
}

void Progress::finish() {
  if (!impl_) return;
  log::write_lines_with({});
  const std::lock_guard lock(impl_->mutex);
  if (std::exchange(impl_->on_screen, false)) impl_->bar->finish();
}

}  // namespace metl::cli
