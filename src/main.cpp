// Parses, runs one command, and turns the outcome into an exit code.
#include <atomic>
#include <exception>
#include <string>
#include <vector>

#include "app/interrupt.h"
#include "base/error.h"
#include "base/stop.h"
#include "cli/commands.h"
#include "cli/parse.h"
#include "cli/process.h"

int main(int argc, char** argv) {
  using metl::cli::report;
  metl::cli::prepare_process();
  metl::cli::Invocation invocation;
  std::atomic<const metl::cli::Invocation*> parsed = nullptr;
  try {
    // From the first moment on at which a signal only asks, somebody says why the process ends.
    const metl::stop::LastWords words([&parsed](const metl::Error& why) {
      const metl::cli::Invocation* known = parsed;
      report(why, known != nullptr ? *known : metl::cli::Invocation{});
    });
    const metl::app::InterruptWatch watch;
    try {
      metl::cli::parse(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), invocation);
      parsed = &invocation;
      return metl::cli::execute(invocation);
    } catch (const std::exception& e) {
      return report(metl::as_error(e), invocation);
    }
  } catch (const std::exception& e) {  // no thread to be had, no memory for a message
    return report(metl::as_error(e), invocation);
  }
}
