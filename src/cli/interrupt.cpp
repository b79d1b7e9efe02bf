#include "cli/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <utility>

#include "base/error.h"

namespace metl::cli {
namespace {

constexpr int kStopWatching = SIGUSR2;  // sent by the destructor to its own thread

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, kStopWatching);
  return set;
}

}  // namespace

InterruptWatch::InterruptWatch(std::function<void()> on_interrupt) {
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([set, on_interrupt = std::move(on_interrupt)] {
    for (int count = 0;; ++count) {
      int number = 0;
      sigwait(&set, &number);
      if (number == kStopWatching) return;
      if (count > 0) _exit(static_cast<int>(ExitCode::kInterrupted));
      on_interrupt();
    }
  });
}

InterruptWatch::~InterruptWatch() {
  pthread_kill(thread_.native_handle(), kStopWatching);
  thread_.join();
}

}  // namespace metl::cli
