#include "cli/process.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

namespace metl::cli {

void prepare_process() noexcept {
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    // Gets the lowest number that is free, this one. A result written to a closed standard output is lost: it stays an
    // error, which what only prints ends with.
    if (::open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) == -1) break;
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread
  ::unsetenv("RUST_BACKTRACE");
  ::unsetenv("RUST_LIB_BACKTRACE");
  // NOLINTEND(concurrency-mt-unsafe)
}

}  // namespace metl::cli
