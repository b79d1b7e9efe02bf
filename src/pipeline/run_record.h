// How a run ended, for good: what its error tells, and the record that it leaves.
#pragma once

#include "pipeline/run.h"

namespace metl::pipeline {

// The run has failed with `why`, to which is added what became of the day.
void fail(RunReport& report, const Error& why);

// Completes the report with time and memory. Unless it was a dry run, writes it to
// `<curated_location>/_runs/<run id>.json`; never throws: a record that cannot be written is a warning.
void keep_record(const RunRequest& request, RunReport& report) noexcept;

}  // namespace metl::pipeline
