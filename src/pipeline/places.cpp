#include "pipeline/places.h"

#include "base/location.h"

namespace metl::pipeline {
namespace {

bool is_of_flag(const config::Settings& settings, std::string_view key) {
  return settings.origin(key).starts_with("flag ");
}

}  // namespace

std::string raw_location(const config::Settings& settings, const Definition& pipeline) {
  constexpr std::string_view kKey = "data.raw.location";
  if (pipeline.source_location.empty() || is_of_flag(settings, kKey)) return settings.path(kKey);
  require_known_location("source.location of " + pipeline.file, pipeline.source_location);
  return settings.resolve(pipeline.source_location);
}

std::string target_table(const config::Settings& settings, const Definition& pipeline) {
  constexpr std::string_view kKey = "data.curated.table";
  return pipeline.target_table.empty() || is_of_flag(settings, kKey) ? settings.get_string(kKey)
                                                                     : pipeline.target_table;
}

}  // namespace metl::pipeline
