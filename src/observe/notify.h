// Tells the observers of the outcomes that somebody should know of, each once (observe/incidents.h).
#pragma once

#include <vector>

#include "config/settings.h"
#include "pipeline/report.h"
#include "pipeline/spool.h"

namespace metl::observe {

// Of the days that a command ran. Days with the same outcome are one message. `mode`: rights of local files. A failure
// is a warning, never thrown, and the next run of the day tells again; an observer that fails is not tried again by
// this command.
void notify(const config::Settings& settings, const pipeline::RecordPlace& where, mode_t mode,
            const std::vector<pipeline::RunReport>& reports) noexcept;

}  // namespace metl::observe
