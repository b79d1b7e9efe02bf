#include "base/stop.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.h"

namespace metl::stop {

struct Calls {
  std::mutex mutex;  // guards the list, and is held during its calls
  std::list<std::function<void(const Error&)>> functions;
  std::atomic<size_t> count = 0;
};

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kLastWords{1};
constexpr std::chrono::seconds kMostOfACommit{10};  // that a second signal waits

struct State {
  std::atomic<bool> requested = false;
  Calls listeners;
  Calls last_words;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::optional<Error> why;
  std::optional<ExitCode> settled;
  bool forcing = false;
  int commits = 0;
  int cleanups = 0;
  std::chrono::milliseconds grace = kGrace;
  Clock::time_point quiet_since;  // no Hold since, and a request
};

State& state() {
  static auto* state = new State;  // never destroyed: threads may look at it until the process has ended
  return *state;
}

[[noreturn]] void end(ExitCode code) { _exit(static_cast<int>(code)); }

void say_last_words(const Error& why) {
  try {
    std::atomic<bool> said = false;
    std::thread([&] {
      Calls& words = state().last_words;
      const std::lock_guard lock(words.mutex);
      for (auto word = words.functions.rbegin(); word != words.functions.rend(); ++word) (*word)(why);
      said = true;
    }).detach();
    const auto latest = Clock::now() + kLastWords;
    while (!said && Clock::now() < latest) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (!said) end(why.code());  // what `said` is part of must not go before the thread
  } catch (const std::system_error& e) {
    log::debug("no thread for the last words: {}", e.what());
  }
}

// Ends the process once it had its time without a Hold.
void enforce() {
  State& s = state();
  std::unique_lock lock(s.mutex);
  for (;;) {
    const bool works = s.settled || s.listeners.count > 0;
    const auto deadline = s.quiet_since + (works ? s.grace : std::chrono::milliseconds(0));
    if (s.commits + s.cleanups > 0) {
      s.changed.wait(lock);
    } else if (Clock::now() < deadline) {
      s.changed.wait_until(lock, deadline);
    } else {
      break;
    }
  }
  s.forcing = true;
  const Error why = *s.why;
  const auto settled = s.settled;
  lock.unlock();
  if (!settled) say_last_words(why);
  end(settled.value_or(why.code()));
}

}  // namespace

void request(const Error& why) {
  State& s = state();
  {
    const std::lock_guard lock(s.mutex);
    if (s.why) return;
    s.why = why;
    s.quiet_since = Clock::now();
    s.requested = true;
  }
  try {
    std::thread(enforce).detach();
  } catch (const std::system_error& e) {
    log::debug("no thread that ends the work by force, so it ends when it notices: {}", e.what());
  }
  const std::lock_guard lock(s.listeners.mutex);
  for (const auto& listener : s.listeners.functions) listener(why);
}

bool requested() { return state().requested; }

Error reason() {
  const std::lock_guard lock(state().mutex);
  return *state().why;
}

void check() {
  if (requested()) throw reason();
}

void pause(std::chrono::nanoseconds time) {
  constexpr std::chrono::milliseconds kLook{100};
  const auto until = Clock::now() + time;
  for (auto now = Clock::now(); now < until; now = Clock::now()) {
    check();
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(until - now, kLook));
  }
  check();
}

void settle(ExitCode code) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  s.settled = code;
  s.quiet_since = Clock::now();
  s.changed.notify_all();
}

void exit_now(ExitCode code) {
  State& s = state();
  std::unique_lock lock(s.mutex);
  s.changed.wait_for(lock, kMostOfACommit, [&] { return s.commits == 0 || s.settled; });
  s.forcing = true;
  end(s.settled.value_or(code));
}

Registered::Registered(Calls& calls, std::function<void(const Error&)> function) : calls_(calls) {
  const std::lock_guard lock(calls_.mutex);
  place_ = calls_.functions.insert(calls_.functions.end(), std::move(function));
  ++calls_.count;
}

Registered::~Registered() {
  const std::lock_guard lock(calls_.mutex);
  calls_.functions.erase(place_);
  --calls_.count;
}

Listener::Listener(const std::function<void()>& called, std::chrono::milliseconds grace)
    : registered_(state().listeners, [called](const Error&) { called(); }) {
  {
    const std::lock_guard lock(state().mutex);
    state().grace = grace;
  }
  if (requested()) called();
}

LastWords::LastWords(std::function<void(const Error&)> called) : registered_(state().last_words, std::move(called)) {}

Hold::Hold(For what) : what_(what) {
  State& s = state();
  std::unique_lock lock(s.mutex);
  if (what == For::kCommit && s.why && !s.settled) throw Error(*s.why);
  s.changed.wait(lock, [&] { return !s.forcing; });  // for ever once the end is under way
  ++(what == For::kCommit ? s.commits : s.cleanups);
}

Hold::~Hold() {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  --(what_ == For::kCommit ? s.commits : s.cleanups);
  s.quiet_since = Clock::now();
  s.changed.notify_all();
}

}  // namespace metl::stop
