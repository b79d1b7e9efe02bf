#include "table/heartbeat.h"

#include <chrono>

#include "base/log.h"

namespace metl::table {
namespace {

constexpr std::chrono::seconds kEvery{60};

}  // namespace

Heartbeat::Heartbeat(std::function<bool()> beat) : beat_(std::move(beat)) {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kEvery, [this] { return stopped_; })) {
      lock.unlock();
      bool goes_on = true;
      try {
        goes_on = beat_();
      } catch (const std::exception& e) {
        log::warning("cannot touch the lease of this run: {}", e.what());
      }
      if (!goes_on) return;
      lock.lock();
    }
  });
}

void Heartbeat::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace metl::table
