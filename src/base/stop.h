// The wish that the work ends before its time: a signal, or the end of a time limit. One for the process, as its
// signals are.
//
// Work notices it by itself: an engine through its Listener, loops by check(). What does not notice it within kGrace -
// one long expression of a query, a disk that does not answer - is ended by force, as a kill would end it; the next run
// clears up after both alike. What must not be cut in two holds the process meanwhile (Hold). Rejected: to wait for
// the work however long it takes, which is what orchestrators answer with a kill and no word about why.
#pragma once

#include <chrono>
#include <functional>
#include <list>

#include "base/error.h"

namespace metl::stop {

constexpr std::chrono::milliseconds kGrace{1500};

// Asks the work to end with `why`, whose code becomes the process's. The first request counts. Calls the listeners.
void request(const Error& why);

bool requested();

// What request() was given. Only when requested().
Error reason();

// Throws reason() when requested(). For loops that may last.
void check();

// Waits, and throws reason() soon after a request.
void pause(std::chrono::nanoseconds time);

// The process's exit code is known and nothing changes it any more: requests only hurry it up.
void settle(ExitCode code);

// Ends the process now, with `code` or as settle() said. Waits, for a few seconds at most, for a commit on its way.
[[noreturn]] void exit_now(ExitCode code);

struct Calls;  // functions that a moment calls

// A function among Calls as long as it lives. Its end waits for a call that runs.
class Registered {
 public:
  Registered(Calls& calls, std::function<void(const Error&)> function);
  ~Registered();
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;

 private:
  Calls& calls_;
  std::list<std::function<void(const Error&)>>::iterator place_;
};

// What a request calls, on the request's thread; at once when there was one already. While one lives the work has
// `grace` to end by itself; without any the process ends with the request.
class Listener {
 public:
  explicit Listener(const std::function<void()>& called, std::chrono::milliseconds grace = kGrace);

 private:
  Registered registered_;
};

// What is called, on a thread of its own, before the process is ended by force: to tell what nobody else can tell any
// more. The last made is called first. They have a second together.
class LastWords {
 public:
  explicit LastWords(std::function<void(const Error&)> called);

 private:
  Registered registered_;
};

// While one lives the process is not ended by force.
class Hold {
 public:
  enum class For {
    kCommit,   // throws reason() when there was a request already: no commit begins then. A second signal waits too
    kCleanup,  // a second signal ends the process
  };
  explicit Hold(For what);
  ~Hold();
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  For what_;
};

}  // namespace metl::stop
