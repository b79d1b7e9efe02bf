// A new pipeline's folder: what its raw files told, and guesses that say that they are guesses.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "pipeline/scaffold/survey.h"

namespace metl::pipeline::scaffold {

// Where the files of a day lie: "<location>/<path>", where `path` has {yyyy}, {MM} and {dd}.
struct DayPlace {
  std::string location;
  std::string path;
  Date day;
};

// Out of a day's folder, such as /lake/orders/2021/01/31 or /lake/orders/day=2021-01-31. Empty where no day is in it.
std::optional<DayPlace> day_place_of(const std::string& folder);

// Writes `<folder>/<name>/` with pipeline.yaml, transform.sql, checks.yaml and a test. Throws Error{kConfiguration}
// when there is such a folder.
void write_pipeline(const std::string& folder, const std::string& name, const Survey& survey, const DayPlace& place);

}  // namespace metl::pipeline::scaffold
