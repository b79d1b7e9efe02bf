// The one exception of the program: what ends a run, with the exit code it ends with and what the reader can do about
// it.
//
// Expected outcomes (a failing check, a commit conflict) are return values, never exceptions.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

namespace metl {

// The process's exit codes; the numbers above 2 follow BSD sysexits(3), 130 the shell's 128 + SIGINT.
enum class ExitCode : int {
  kDone = 0,
  kCheckFailed = 2,
  kRunFailed = 3,
  kUsage = 64,
  kInputMissing = 66,
  kConflict = 75,
  kConfig = 78,
  kInterrupted = 130,
};

class Error : public std::exception {
 public:
  // `message` says what is wrong and where; `hint`, if not empty, what to do. Neither ends in a newline.
  Error(ExitCode code, std::string message, std::string hint = {})
      : code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  ExitCode code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

  // The same error seen from one level up: "<context>: <message>". Code and hint stay.
  Error within(std::string_view context) const { return {code_, fmt::format("{}: {}", context, message_), hint_}; }

 private:
  ExitCode code_;
  std::string message_;
  std::string hint_;
};

}  // namespace metl
