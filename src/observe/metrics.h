// What Prometheus is told of runs: by a text file for the collector of its node exporter, one for each pipeline, and by
// a push gateway.
#pragma once

#include <optional>
#include <string>

#include "config/settings.h"
#include "pipeline/report.h"

namespace metl::observe {

// Of the run. `last_success`: when a run of the pipeline last ended well, in seconds since the epoch; without it
// nothing is said of that.
std::string metrics_text(const pipeline::RunReport& report, std::optional<double> last_success);

// Writes `<observe.prometheus.folder>/movies_etl_<pipeline>.prom`, whole or not at all, if that is set, and sends the
// same to observe.prometheus.push_url. A failure is a warning, never thrown: the run has ended as it has.
//
// The gateway keeps one group of metrics for `job="movies_etl", pipeline="..."`, which each run replaces whole, and
// under `job="movies_etl_success"` the time of the last success, which a run that failed leaves as it is.
void write_metrics(const config::Settings& settings, const pipeline::RunReport& report) noexcept;

// The base address of the gateway, "" for none; masked from now on.
std::string push_url_of(const config::Settings& settings);

}  // namespace metl::observe
