// SIGINT and SIGTERM as a call on a thread of their own, where everything is allowed; in a handler next to nothing is.
#pragma once

#include <functional>
#include <thread>

namespace metl::cli {

// While it lives, the first signal calls `on_interrupt` once; a second one ends the process at once with exit code 130.
// Create it before any other thread: the signals are blocked for this thread and all that it starts.
class InterruptWatch {
 public:
  explicit InterruptWatch(std::function<void()> on_interrupt);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  std::thread thread_;
};

}  // namespace metl::cli
