#include "pipeline/run_input.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"

namespace metl::pipeline {

RunInput::RunInput(const RunRequest& request, engine::Engine& engine)
    : request_(request),
      engine_(engine),
      source_(request.raw_location, request.pipeline.source),
      further_(request.pipeline.inputs, request.catalog, request.day) {}

void RunInput::look() {
  constexpr std::chrono::seconds kPause{2};
  const auto until = std::chrono::steady_clock::now() + request_.wait;
  for (std::string told;;) {
    try {
      day_ = source_.snapshot(request_.interval(), engine_);
      if (day_->is_readable()) source_.require_rows(request_.interval(), *day_);
      return;
    } catch (const Error& e) {
      const auto left = until - std::chrono::steady_clock::now();
      if (e.cause() != Cause::kInputMissing || left.count() <= 0) throw;
      if (e.message() != told) log::info("waiting, {}", told = e.message());
      stop::pause(std::min<std::chrono::nanoseconds>(left, kPause));
    }
  }
}

void RunInput::read_text(const engine::WriteOptions& layout) {
  engine::WriteOptions text = layout;
  text.cluster_by.clear();
  if (!day_->is_readable()) {
    text.name_prefix = layout.name_prefix + "-0-source";  // a staged file's name goes on with a digit (table/removal.h)
    day_->to_parquet(engine_, text);
    source_.require_rows(request_.interval(), *day_);
  }
  text.name_prefix = layout.name_prefix + "-0-input";
  further_.read(engine_, text);
}

std::vector<std::string> RunInput::made() const {
  std::vector<std::string> out = day_->made();
  const auto further = further_.made();
  out.insert(out.end(), further.begin(), further.end());
  return out;
}

MadeOf RunInput::made_of() const {
  return {number_of(day_->landing()), request_.pipeline.number, number_of(further_.state())};
}

void RunInput::require_unchanged() const {
  day_->require_unchanged();
  further_.require_unchanged();
}

}  // namespace metl::pipeline
