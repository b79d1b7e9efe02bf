// What others were told already: once for each incident, which is one outcome of one day of one pipeline, however often
// and on whichever machine the run is repeated.
//
// `<warehouse>/_runs/told/<pipeline>/<day>/<observer>.<outcome>`, a file that is created only where there is none, so
// that of several machines one tells. Where the warehouse cannot be written it lies on this machine, beside the records
// that wait (pipeline/spool.h). Rejected: to look through the records of runs, which do not say who was told.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/spool.h"

namespace metl::observe {

// Of one observer ("slack"), one pipeline and one day.
struct Subject {
  std::string observer;
  std::string pipeline;
  std::string day;
};

class Incidents {
 public:
  // `mode`: rights of local files. `store_answers`: else the warehouse is not asked.
  Incidents(pipeline::RecordPlace where, mode_t mode, bool store_answers);

  // Whether it is new, and this process the one to tell of it. Throws Error where that can be kept nowhere.
  bool claim(const Subject& subject, std::string_view outcome) const;

  // It was not told after all, or is over. Never throws.
  void forget(const Subject& subject, std::string_view outcome) const noexcept;

  // The outcomes that were told of. Never throws: what cannot be read was not told.
  std::vector<std::string> told(const Subject& subject) const noexcept;

 private:
  std::vector<std::string> folders(const Subject& subject) const;  // in which it may lie

  pipeline::RecordPlace where_;
  mode_t mode_;
  bool store_answers_;
};

}  // namespace metl::observe
