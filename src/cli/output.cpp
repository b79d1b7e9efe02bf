#include "cli/output.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/secrets.h"

namespace metl::cli {
namespace {

std::atomic<int>& first_failure() {
  static std::atomic<int> number = 0;  // an errno
  return number;
}

// A reader that goes away, as `head` does, has seen all that it wanted: its pipe's end is no failure, unlike a full
// disk or a closed descriptor, after which nobody has the result.
void note_failure(bool written) {
  int none = 0;
  if (!written && errno != EPIPE) first_failure().compare_exchange_strong(none, errno == 0 ? EIO : errno);
}

}  // namespace

void write_out(std::string_view text) {
  const std::string shown = secrets::masked(text);
  errno = 0;
  note_failure(std::fwrite(shown.data(), 1, shown.size(), stdout) == shown.size());
}

void write_error(std::string_view text) {
  const std::string shown = secrets::masked(text);
  std::fwrite(shown.data(), 1, shown.size(), stderr);
}

void flush_out() {
  errno = 0;
  note_failure(std::fflush(stdout) == 0);
}

std::string finish_output() {
  flush_out();
  const int number = first_failure().exchange(0);
  return number == 0 ? "" : std::generic_category().message(number);
}

}  // namespace metl::cli
