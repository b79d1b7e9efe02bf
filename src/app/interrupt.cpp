#include "app/interrupt.h"

#include <pthread.h>
#include <signal.h>

#include <system_error>

#include "base/stop.h"

namespace metl::app {
namespace {

constexpr int kStopWatching = SIGUSR2;  // sent by the destructor to its own thread

bool is_ignored(int number) {
  struct sigaction now {};
  return ::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (!is_ignored(SIGHUP)) sigaddset(&set, SIGHUP);
  sigaddset(&set, kStopWatching);
  return set;
}

// On a thread of its own: the caller's waits for the second signal.
void ask_to_stop() {
  const auto ask = [] { stop::request({Cause::kInterrupted, "interrupted"}); };
  try {
    std::thread(ask).detach();
  } catch (const std::system_error&) {  // no thread to be had
    ask();
  }
}

}  // namespace

InterruptWatch::InterruptWatch() {
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this, set] {
    for (int count = 0;;) {
      int number = 0;
      sigwait(&set, &number);
      if (over_) return;
      if (number == kStopWatching) continue;  // somebody else's
      if (++count > 1) stop::exit_now(ExitCode::kInterrupted);
      ask_to_stop();
    }
  });
}

InterruptWatch::~InterruptWatch() {
  over_ = true;
  pthread_kill(thread_.native_handle(), kStopWatching);
  thread_.join();
}

TimeLimit::TimeLimit(std::chrono::seconds limit) {
  if (limit == std::chrono::seconds(0)) return;
  thread_ = std::thread([this, limit] {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, limit, [this] { return over_; })) return;
    lock.unlock();
    stop::request({Cause::kTimedOut, fmt::format("it took longer than --timeout allows ({} s)", limit.count()),
                   "Give it more time, or find out what is slow: --log-level debug shows every query."});
  });
}

TimeLimit::~TimeLimit() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

}  // namespace metl::app
