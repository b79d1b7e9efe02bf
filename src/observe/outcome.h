// One run as others are told of it: under one word, as fields for programs and as a text for people.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/report.h"

namespace metl::observe {

// Every word there is, for `observe.notify.on`. `recovered` is no run's own: it published after one that did not.
constexpr std::array<std::string_view, 9> kOutcomes{"failed",    "refused", "not_landed", "conflict", "interrupted",
                                                    "recovered", "warned",  "published",  "kept"};

// The run's own word.
std::string_view outcome_of(const pipeline::RunReport& report);

// Whether the word says that the day is as it should be.
bool is_good(std::string_view outcome);

// The fields of the log's outcome event, and `outcome`, `table`, `environment`, `failed_checks`, `warned_checks`,
// `command`, `summary`. All are there, whatever became of the run.
nlohmann::ordered_json event_of(const pipeline::RunReport& report, std::string_view outcome,
                                const std::string& environment);

// The template with fields in the place of "{name}"; lines that hold only fields without a value are left out. Throws
// Error{kConfiguration} for a name that is no field.
std::string filled(const std::string& text, const nlohmann::ordered_json& event);

}  // namespace metl::observe
