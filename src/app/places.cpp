#include "app/places.h"

#include "base/location.h"

namespace metl::app {
namespace {

bool is_of_flag(const config::Settings& settings, std::string_view key) {
  return settings.origin(key).starts_with("flag ");
}

}  // namespace

std::string raw_location(const config::Settings& settings, const pipeline::Definition& pipeline) {
  constexpr std::string_view kKey = "data.raw.location";
  if (pipeline.source.location.empty() || is_of_flag(settings, kKey)) return settings.path(kKey);
  require_known_location("source.location of " + pipeline.file, pipeline.source.location);
  return settings.resolve(pipeline.source.location);
}

std::string target_table(const config::Settings& settings, const pipeline::Definition& pipeline) {
  constexpr std::string_view kKey = "data.curated.table";
  return pipeline.target_table.empty() || is_of_flag(settings, kKey) ? settings.get_string(kKey)
                                                                     : pipeline.target_table;
}

}  // namespace metl::app
