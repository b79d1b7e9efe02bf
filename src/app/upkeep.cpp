#include "app/upkeep.h"

namespace metl::app {

pipeline::Upkeep upkeep(const config::Settings& settings) {
  const std::string often = settings.get_string("upkeep.optimize");
  constexpr std::chrono::hours kDay{24};
  return {.optimize_every = often == "daily"    ? std::optional<std::chrono::seconds>(kDay)
                            : often == "weekly" ? std::optional<std::chrono::seconds>(7 * kDay)
                                                : std::nullopt,
          .vacuum_kept = settings.duration("upkeep.vacuum"),
          .limit = settings.duration("upkeep.time_limit").value_or(std::chrono::minutes(10))};
}

}  // namespace metl::app
