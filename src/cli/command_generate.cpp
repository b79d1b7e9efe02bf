#include <cstdio>

#include "base/location.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "engine/duckdb/duckdb_engine.h"

namespace metl::cli {

int generate_command(const Invocation& invocation) {
  require_known_location("--output", invocation.generate.output);
  constexpr int64_t kMemoryLimit = 500'000'000;  // bytes; the SELECTs stream
  engine::DuckdbEngine engine({.memory_limit = kMemoryLimit, .threads = 0, .temp_directory = ""});
  const stop::Listener listener([&engine] { engine.interrupt(); });
  Progress bar(shows_progress(invocation), stderr_has_colour());
  bar.step("generate");
  const auto days =
      sample::generate(invocation.generate, engine, [&bar](const engine::Advance& now) { bar.update(now); });
  bar.finish();
  for (const auto& day : days) {
    print("{}: {} rows, {} of them duplicates, in {} files ({})\n", day.folder, text::human_count(day.rows),
          text::human_count(day.duplicates), day.files, text::human_bytes(day.bytes));
  }
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace metl::cli
