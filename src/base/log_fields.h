// The fields of log lines (log::set_field) that belong to one of several pieces of work in this process.
#pragma once

namespace metl::log {

// While one lives, fields that this thread sets are of this thread's lines alone. Threads that it starts do not have
// them: a line without a run's id is better than one with another run's.
class OwnFields {
 public:
  OwnFields();
  ~OwnFields();
  OwnFields(const OwnFields&) = delete;
  OwnFields& operator=(const OwnFields&) = delete;
};

}  // namespace metl::log
