// A thread that does something once a minute as long as it lives: how a living run keeps its lease fresh.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace metl::table {

class Heartbeat {
 public:
  // `beat` says whether to go on; what it throws is logged as a warning.
  explicit Heartbeat(std::function<bool()> beat);
  ~Heartbeat() { stop(); }
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  // No beat runs when it returns, nor ever after.
  void stop() noexcept;

 private:
  std::function<bool()> beat_;
  std::mutex mutex_;  // guards stopped_
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace metl::table
