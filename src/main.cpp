// Parses, runs one command, and turns the outcome into an exit code.
#include <exception>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/parse.h"

int main(int argc, char** argv) {
  metl::cli::Invocation invocation;
  try {
    metl::cli::parse(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), invocation);
    return metl::cli::execute(invocation);
  } catch (const metl::Error& e) {
    return metl::cli::report(e, invocation);
  } catch (const std::exception& e) {
    return metl::cli::report({metl::ExitCode::kRunFailed, std::string("unexpected failure: ") + e.what()}, invocation);
  }
}
