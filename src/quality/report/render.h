// A scan's result for people, for continuous integration and for run records. In Soda Core's own forms: soda.h.
//
// Names and values come from files and data: whatever they hold, they stay texts in every one of these formats.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "quality/model/result.h"

namespace metl::quality {

// A line for each check, the bad ones with what was measured and the first failing rows, then errors and notices, then
// one line that sums up.
std::string render_text(const ScanResult& result, bool colour);

// {"outcome", "counts", "checks": [...], "errors": [...]}: what a run record keeps. Where failing rows lie, not the
// rows.
nlohmann::json to_json(const ScanResult& result);

// What sections that only look at the data found, as part of the two above.
std::string render_text(const Survey& survey);
nlohmann::json to_json(const Survey& survey);

// A test suite for each dataset and filter, a test case for each check. A warning passes, with a word about it; what
// is not evaluated is an error; errors that belong to no check are test cases of a suite "errors".
std::string render_junit(const ScanResult& result);

// Workflow commands of GitHub: an annotation at each failed or warned check and at each error, then a line that sums
// up.
std::string render_github(const ScanResult& result);

// A line that sums up, a table of the checks with the bad ones first, a list of errors. For GitHub's Markdown.
std::string render_markdown(const ScanResult& result);

}  // namespace metl::quality
