// transform.sql: one SELECT over `source` and the inputs, with ${variables} of the run and of the pipeline.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/definition.h"

namespace metl::pipeline {

// The variables that every run has: run_date, run_id, env.
const std::vector<std::string>& run_variables();

// The SELECT of a file, without what may stand behind it: a semicolon, comments. Its lines keep their numbers. Throws
// Error{kConfiguration} for a file that cannot be read, holds no statement or more than one, or names a variable that
// is neither the run's nor the pipeline's `own`, with its place.
std::string read_transform(const std::string& path, const std::map<std::string, std::string>& own);

// The SELECT with its variables filled in, wherever they stand: `values` for the run's. Throws Error{kConfiguration}
// for a value that could be more than a part of a text: those have letters, digits, '.', '_' and '-' alone.
std::string fill_transform(const Definition& pipeline, const std::map<std::string, std::string>& values);

// Throws Error{kConfiguration} when `select` does not bind, naming the line, or yields other columns than the target's.
// The inputs are views of the engine already.
void require_target_columns(engine::Engine& engine, const Definition& pipeline, const std::string& select);

}  // namespace metl::pipeline
