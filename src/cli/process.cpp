#include "cli/process.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

namespace metl::cli {

void prepare_process() noexcept {
  for (int fd = 0; fd >= 0 && fd <= STDERR_FILENO;) {
    fd = ::open("/dev/null", O_RDWR);  // gets the lowest number that is free
    if (fd > STDERR_FILENO) ::close(fd);
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread
  ::unsetenv("RUST_BACKTRACE");
  ::unsetenv("RUST_LIB_BACKTRACE");
  // NOLINTEND(concurrency-mt-unsafe)
}

}  // namespace metl::cli
