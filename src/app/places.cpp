#include "app/places.h"

namespace metl::app {
namespace {

constexpr std::string_view kRaw = "data.raw.location";
constexpr std::string_view kTable = "data.curated.table";

// What counts: the text of the pipeline's own file, or null for the setting.
const yaml::PlacedText* chosen(const config::Settings& settings, std::string_view key,
                               const std::optional<yaml::PlacedText>& own) {
  return own && !settings.origin(key).starts_with("flag ") ? &*own : nullptr;
}

}  // namespace

std::string raw_location(const config::Settings& settings, const pipeline::Definition& pipeline) {
  const yaml::PlacedText* own = chosen(settings, kRaw, pipeline.source.location);
  return own == nullptr ? settings.path(kRaw) : settings.resolve(own->text);
}

std::string raw_location_name(const config::Settings& settings, const pipeline::Definition& pipeline) {
  const yaml::PlacedText* own = chosen(settings, kRaw, pipeline.source.location);
  return own == nullptr ? std::string(kRaw) : own->place;
}

std::string target_table(const config::Settings& settings, const pipeline::Definition& pipeline) {
  const yaml::PlacedText* own = chosen(settings, kTable, pipeline.target_table);
  return own == nullptr ? settings.get_string(kTable) : own->text;
}

std::string target_table_name(const config::Settings& settings, const pipeline::Definition& pipeline) {
  const yaml::PlacedText* own = chosen(settings, kTable, pipeline.target_table);
  return own == nullptr ? std::string(kTable) : own->place;
}

}  // namespace metl::app
