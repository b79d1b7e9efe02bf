#include "app/run_request.h"

#include <filesystem>

#include "app/embedded_engine.h"
#include "app/places.h"

namespace metl::app {

pipeline::RunRequest run_request(const config::Settings& settings, const pipeline::Definition& definition,
                                 table::Catalog& catalog, const Date& day) {
  return {.pipeline = definition,
          .day = day,
          .raw_location = raw_location(settings, definition),
          .curated_location = settings.path("data.curated.location"),
          .environment = settings.environment(),
          .config_file = std::filesystem::absolute(settings.file()).string(),
          .table = target_table(settings, definition),
          .table_root = "",
          .catalog = catalog,
          .target_bytes = static_cast<uint64_t>(settings.bytes("write.target_file_size")),
          .compression = settings.get_string("write.compression"),
          .parquet_version = settings.get_string("write.parquet_version"),
          .sensitive_columns = sensitive_columns(settings),
          .record_mode = record_mode(settings)};
}

std::string table_root(const config::Settings& settings, const pipeline::RunRequest& request) {
  try {
    return request.catalog.location_of(request.table);
  } catch (const Error& e) {
    if (e.cause() != Cause::kConfiguration) throw;  // the catalog's own trouble
    throw e.within(target_table_name(settings, request.pipeline));
  }
}

std::map<std::string, std::string> locations(const config::Settings& settings, const pipeline::RunRequest& request) {
  std::map<std::string, std::string> out{{raw_location_name(settings, request.pipeline), request.raw_location},
                                         {"data.curated.location", request.curated_location},
                                         {"the location of " + request.table, request.table_root}};
  for (const auto& input : request.pipeline.inputs) {
    try {
      out[input.place] = input.table ? request.catalog.location_of(*input.table) : input.path;
    } catch (const Error& e) {
      throw e.within(input.place);
    }
  }
  return out;
}

}  // namespace metl::app
