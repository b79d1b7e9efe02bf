// `discover datasets`, `profile columns`, `sample datasets`: what the data is, not whether it is good.
//
// A profile has Soda Core's figures, of FLOAT columns too: for numbers the 5 smallest and largest distinct values, the
// 10 most frequent, average, sum, spread, distinct and missing values, a histogram of at most 20 bins; for texts the
// most frequent, distinct and missing values and the lengths. All aggregates of a dataset are one query; each column
// takes one more for its values, and a number one for its histogram.
#pragma once

#include "quality/evaluate/measure.h"

namespace metl::quality {

// What a file's survey sections ask for; of `sensitive` columns counts and lengths only. What goes wrong with one is an
// error and costs the others nothing; columns of other types than numbers and texts are not profiled, and a notice says
// so. Throws Error{kInterrupted} only.
Survey take_survey(const std::vector<SurveySection>& sections, const SensitiveColumns& sensitive,
                   const DataAccess& data, Findings& findings, std::vector<QueryRun>& queries);

}  // namespace metl::quality
