// What Prometheus is told of runs: a text file for the collector of its node exporter, one for each pipeline.
#pragma once

#include <optional>
#include <string>

#include "config/settings.h"
#include "pipeline/report.h"

namespace metl::app {

// The file's text. `last_success`: when a run of the pipeline last ended well before this one, in seconds since the
// epoch.
std::string metrics_text(const pipeline::RunReport& report, std::optional<double> last_success);

// Writes `<observe.prometheus.folder>/movies_etl_<pipeline>.prom`, whole or not at all, if that is set. A failure is a
// warning, never thrown: the run has ended as it has.
void write_metrics(const config::Settings& settings, const pipeline::RunReport& report) noexcept;

}  // namespace metl::app
