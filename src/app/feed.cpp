#include "app/feed.h"

#include "app/embedded_engine.h"
#include "app/places.h"
#include "base/error.h"
#include "base/location.h"

namespace metl::app {

feed::IngestReport ingest(const config::Settings& settings, const pipeline::Definition& pipeline,
                          const IngestFlags& flags, const std::function<void(const feed::IngestReport&)>& progress) {
  if (!pipeline.feed) {
    throw Error(Cause::kConfiguration, fmt::format("{}: there is no section 'feed'", pipeline.file),
                "It names the brokers and topics that the raw files come from: docs/feed.md.");
  }
  const std::string raw = raw_location(settings, pipeline);
  if (is_remote(raw)) {
    throw Error(
        Cause::kConfiguration,
        fmt::format("{} is {}: the feed writes to local folders only", raw_location_name(settings, pipeline), raw),
        "Ingest into a folder of this machine or of a mount that has hard links.");
  }
#ifdef METL_KAFKA
  EmbeddedEngine embedded(&settings, {});
  engine::WriteOptions write;
  write.compression = settings.get_string("write.compression");
  write.parquet_version = settings.get_string("write.parquet_version");
  return feed::ingest({.feed = *pipeline.feed,
                       .columns = pipeline.source.contents.columns,
                       .day_path = pipeline.source.path,
                       .raw = raw,
                       .group = "movies-etl-" + pipeline.name,
                       .write = write,
                       .follow = flags.follow,
                       .until = flags.until,
                       .max_rate = flags.max_rate,
                       .skip_lost = flags.skip_lost},
                      embedded.get().client(), progress);
#else
  static_cast<void>(flags);
  static_cast<void>(progress);
  throw Error(
      Cause::kConfiguration, "this build has no client of Kafka",
      "In a checkout build it in with `KAFKA=1 make build`. The packages of `make package` and the image have it.");
#endif
}

}  // namespace metl::app
