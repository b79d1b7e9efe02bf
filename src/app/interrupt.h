// Signals and time limits as requests to stop (base/stop.h), on threads of their own, where everything is allowed; in a
// signal's handler next to nothing is.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace metl::app {

// While it lives, the first SIGINT, SIGTERM or SIGHUP asks the work to stop; a second one ends the process. A SIGHUP
// that was ignored when the process began (nohup) stays ignored. Create it before any other thread: the signals are
// blocked for this thread and all that it starts.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

// Asks the work to stop when it takes longer; 0 for no limit.
class TimeLimit {
 public:
  explicit TimeLimit(std::chrono::seconds limit);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  std::mutex mutex_;  // guards over_
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace metl::app
