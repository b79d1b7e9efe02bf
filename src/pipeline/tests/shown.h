// What tests found, for people (text), for CI (JUnit XML) and for programs (JSON).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipeline/tests/suite.h"

namespace metl::pipeline::tests {

// "{movie_id: 1, title: \"x\"}": a row as it can stand in a test.
std::string yaml_of(const ShownRow& row);

bool all_passed(const std::vector<Result>& results);  // or were updated

std::string to_text(const std::vector<Result>& results);
std::string to_junit(const std::vector<Result>& results);
nlohmann::ordered_json to_json(const std::vector<Result>& results, int exit_code);

}  // namespace metl::pipeline::tests
