// How a command that runs days ends, whatever happens: with a record for whoever looks later, and with one last line of
// the log that says the outcome, also in /dev/termination-log where Kubernetes made one.
#pragma once

#include <functional>
#include <vector>

#include "base/error.h"
#include "cli/invocation.h"
#include "pipeline/report.h"

namespace metl::cli {

// The days that ended, for the last line.
class Closing {
 public:
  // One thread at a time.
  void add(const pipeline::RunReport& report);

 private:
  friend int closing(const Invocation& invocation, const std::function<int(Closing& days)>& work);
  // Tells it; `failure` of what ended the command itself.
  void tell(const Invocation& invocation, int code, const Error* failure) const;
  const pipeline::RunReport* worst() const;

  std::vector<pipeline::RunReport> reports_;
  std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
};

// Does the work, whose exit code it returns. What it throws is told and has a record: where the configuration can be
// read, in its warehouse, else on this machine until a run can deliver it.
int closing(const Invocation& invocation, const std::function<int(Closing& days)>& work);

// The command that runs one day again with the same settings.
std::string command_for_day(const Invocation& invocation, const Date& day);

// A word as a shell reads it.
std::string quoted(const std::string& word);

}  // namespace metl::cli
