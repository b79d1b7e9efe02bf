// Parses, runs one command, and turns the outcome into an exit code.
#include <exception>
#include <string>
#include <vector>

#include "app/interrupt.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/parse.h"
#include "cli/process.h"

int main(int argc, char** argv) {
  using metl::cli::report;
  metl::cli::prepare_process();
  metl::cli::Invocation invocation;
  try {
    const metl::app::InterruptWatch watch;
    try {
      metl::cli::parse(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), invocation);
      return metl::cli::execute(invocation);
    } catch (const std::exception& e) {
      return report(metl::as_error(e), invocation);
    }
  } catch (const std::exception& e) {  // no thread to be had, no memory for a message
    return report(metl::as_error(e), invocation);
  }
}
