#include "storage/retry_watch.h"

#include <chrono>
#include <system_error>

#include "storage/bridged.h"

namespace metl::storage {
namespace {

constexpr std::chrono::milliseconds kLook{500};

}  // namespace

RetryWatch::RetryWatch() {
  try {
    thread_ = std::thread([this] {
      std::unique_lock lock(mutex_);
      while (!changed_.wait_for(lock, kLook, [this] { return over_; })) {
        lock.unlock();
        log_notes();
        lock.lock();
      }
    });
  } catch (const std::system_error& e) {
    log::debug("retries are told once they have ended: {}", e.what());
  }
}

RetryWatch::~RetryWatch() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

}  // namespace metl::storage
