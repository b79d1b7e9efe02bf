#include <cstdio>

#include "app/embedded_engine.h"
#include "base/location.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace metl::cli {

int generate_command(const Invocation& invocation) {
  require_known_location("--output", invocation.generate.output);
  // The SELECTs stream.
  app::EmbeddedEngine embedded(nullptr, {}, {{"engine.memory_limit", "500MB", "--memory-limit"}});
  engine::Engine& engine = embedded.get();
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
