// Rows that failed a check may tell of people, and what a command prints ends up in logs that others read: they are
// printed only on demand. Where they are kept is told in any case.
#pragma once

#include "cli/flag_values.h"
#include "quality/model/result.h"

namespace metl::cli {

template <typename Owner>
Flag show_rows_flag(bool Owner::*field) {
  return {
      .name = "--show-rows",
      .help = "Prints the first rows that failed a check; without it only where they are kept.",
      .store = turns_on(field),
  };
}

void hide_rows(quality::ScanResult& result);

}  // namespace metl::cli
