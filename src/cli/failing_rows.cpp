#include "cli/failing_rows.h"

namespace metl::cli {

void hide_rows(quality::ScanResult& result) {
  for (auto& check : result.checks) check.sample_preview = {};
}

}  // namespace metl::cli
