#include "cli/progress.h"

#include "movies_etl_bridge/src/lib.rs.h"

namespace metl::cli {
namespace {

rust::Str to_rust(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct Progress::Impl {
  rust::Box<bridge::Bar> bar;
};

Progress::Progress(bool visible, bool colour) {
  if (visible) impl_ = std::make_unique<Impl>(Impl{bridge::new_bar(colour)});
}

Progress::~Progress() { finish(); }

void Progress::step(std::string_view name) {
  if (impl_) impl_->bar->step(to_rust(name));
}

void Progress::update(double percent, uint64_t rows) {
  if (impl_) impl_->bar->update(percent, rows);
}

void Progress::finish() {
  if (impl_) impl_->bar->finish();
}

}  // namespace metl::cli
