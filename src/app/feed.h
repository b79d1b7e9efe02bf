// The feed of a pipeline, as the settings and the pipeline want it.
#pragma once

#include <functional>
#include <optional>

#include "base/time.h"
#include "config/settings.h"
#include "feed/ingest.h"
#include "pipeline/definition.h"

namespace metl::app {

// What flags say of an ingest; as in feed/ingest.h.
struct IngestFlags {
  bool follow = false;
  std::optional<Date> until;
  int64_t max_rate = 0;
  bool skip_lost = false;
};

// Throws Error{kConfiguration} for a pipeline without a feed, for a raw location in a store and for a build without the
// client of Kafka, and what feed::ingest throws.
feed::IngestReport ingest(const config::Settings& settings, const pipeline::Definition& pipeline,
                          const IngestFlags& flags, const std::function<void(const feed::IngestReport&)>& progress);

}  // namespace metl::app
