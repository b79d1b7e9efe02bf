// Checks joined to an engine: the audit of staged (or published) files, and the samples of rows that failed.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "engine/engine.h"
#include "pipeline/definition.h"
#include "quality/scan.h"

namespace metl::pipeline {

// Runs the pipeline's checks over `files`, which are one partition of `table`; the checks see the partition column too.
quality::ScanResult audit(engine::Engine& engine, const Definition& pipeline, const std::string& table, const Date& day,
                          const std::vector<std::string>& files);

// Whether the result may be published: no failure, no error, nothing left unevaluated. Warnings do not block.
bool passes(const quality::ScanResult& checks);

// Writes up to 100 failing rows of each failed or warned check into `folder`, one Parquet file a check; the files'
// paths. Call while the audited view stands.
std::vector<std::string> write_samples(engine::Engine& engine, const quality::ScanResult& checks,
                                       const std::string& folder);

}  // namespace metl::pipeline
