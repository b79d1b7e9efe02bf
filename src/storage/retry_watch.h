// Says while a request to a store is tried again that it is, not only once it has ended: a run that waits for a store
// looks like one that hangs.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace metl::storage {

class RetryWatch {
 public:
  RetryWatch();
  ~RetryWatch();
  RetryWatch(const RetryWatch&) = delete;
  RetryWatch& operator=(const RetryWatch&) = delete;

 private:
  std::mutex mutex_;  // guards over_
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace metl::storage
