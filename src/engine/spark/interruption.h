// The wish to stop, shared by the sessions of one engine.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace metl::engine {

// Any thread may utter it, at any time.
class SparkInterruption {
 public:
  void request() {
    const std::lock_guard lock(mutex_);
    requested_ = true;
    if (stop_) stop_();
  }

  bool requested() const {
    const std::lock_guard lock(mutex_);
    return requested_;
  }

  // What request() calls while an operation runs; an empty function takes it back, after which it is not called.
  void while_running(std::function<void()> stop) {
    const std::lock_guard lock(mutex_);
    stop_ = std::move(stop);
  }

 private:
  mutable std::mutex mutex_;
  bool requested_ = false;
  std::function<void()> stop_;
};

}  // namespace metl::engine
