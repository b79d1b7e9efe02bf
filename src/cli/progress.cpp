#include "cli/progress.h"

#include "base/log.h"
#include "base/text.h"
#include "movies_etl_bridge/src/lib.rs.h"
#include "rust/cxx.h"

namespace metl::cli {
namespace {

rust::Str to_rust(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct Progress::Impl {
  rust::Box<bridge::Bar> bar;
};

Progress::Progress(bool visible, bool colour) {
  if (!visible) return;
  try {
    impl_ = std::make_unique<Impl>(Impl{bridge::new_bar(colour)});
  } catch (const rust::Error& e) {  // A run goes on without a bar.
    log::warning("no progress is shown: {}", e.what());
  }
}

Progress::~Progress() { finish(); }

void Progress::step(std::string_view name) {
  if (!impl_) return;
  impl_->bar->step(to_rust(name));
  log::write_lines_with([this](std::string_view line) {  // A path in it may be no UTF-8.
    impl_->bar->print_above(rust::String::lossy(line.data(), line.size()));
  });
}

void Progress::update(const engine::Advance& now) {
  if (!impl_) return;
  std::string detail = now.tasks;
  if (now.rows > 0) detail = text::human_count(static_cast<int64_t>(now.rows)) + " rows";
  impl_->bar->update(now.percent, to_rust(detail));
}

void Progress::finish() {
  if (!impl_) return;
  log::write_lines_with({});
  impl_->bar->finish();
}

}  // namespace metl::cli
