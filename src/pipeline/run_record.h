// How a run ended, for good: what its error tells, and the record that it leaves.
#pragma once

#include "pipeline/run.h"
#include "pipeline/spool.h"

namespace metl::pipeline {

// The run has failed with `why`, to which is added what became of the day.
void fail(RunReport& report, const Error& why);

// Completes the report with time and memory. Unless it was a dry run, writes it to
// `<curated_location>/_runs/<run id>.json`, or where that fails on this machine (pipeline/spool.h); once it can be
// written, what other runs left there is delivered. Never throws: a record that cannot be written is a warning.
void keep_record(const RunRequest& request, RunReport& report) noexcept;

// The same for what ended before there was a request. Whether it is where it belongs.
bool keep_record(const RecordPlace& where, mode_t mode, RunReport& report) noexcept;

}  // namespace metl::pipeline
