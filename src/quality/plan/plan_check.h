// One check -> what it measures and how its value is judged.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quality/plan/guarded.h"
#include "quality/plan/plan.h"
#include "quality/plan/sources.h"

namespace metl::quality {

// What planning reads and fills; lives as long as the planning of a scan.
struct Planning {
  Variables& variables;
  const DataAccess& data;
  bool compat;
  Plan& plan;
  Configurations& configurations;
  std::vector<ScanError>& errors;
  Sources* sources = nullptr;                                // of the document that is being planned
  std::string title = {};                                    // of the section that is being planned
  size_t own_source = 0;                                     // its dataset with the document's own filter
  std::map<std::pair<size_t, Measurement>, size_t> taken{};  // source and what -> its index in the plan's measurements
};

// Adds a measurement to those that the check is made of; one that another check has is shared.
void add_input(PlannedCheck& out, size_t source, Measurement what, std::string label, Planning& planning);

// What `data` knows, which outlives it. Throws what DataAccess throws.
SchemaOf schemas_of(const DataAccess& data);

// Adds the check to `planning.plan`, also when it cannot be evaluated. No `source`: the dataset could not be resolved,
// and an error says so.
void plan_check(const Check& check, const std::string& dataset, const std::string& partition,
                std::optional<size_t> source, Planning& planning);

}  // namespace metl::quality
