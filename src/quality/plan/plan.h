// What a scan will ask of the data, and what it will make of the answers; nothing of the data but its schema is known
// yet.
//
// All aggregates of one source (dataset and filter) share one query; a measurement that several checks need is taken
// once.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "quality/model/data_access.h"
#include "quality/model/request.h"
#include "quality/model/sensitive.h"
#include "quality/model/timestamp.h"
#include "quality/plan/metric.h"
#include "quality/plan/plain_query.h"
#include "quality/plan/rules.h"
#include "quality/plan/zones.h"
#include "quality/statistics/distribution.h"
#include "quality/syntax/check_body.h"

namespace metl::quality {

constexpr size_t kMostGroups = 1000;  // of a group evolution

// A measurement with the source it is taken from.
struct PlannedMeasurement {
  size_t source = 0;
  Measurement what;
};

// What freshness is measured against.
struct AgeReference {
  std::string variable = "NOW";
  std::string written;  // its value
  std::optional<TimePoint> time;
};

// One check on every row of a `group by`.
struct GroupCheck {
  CheckResult draft;
  std::string column;  // of the query: the measured value
  Zones zones;
};

struct GroupPlan {
  std::vector<std::string> fields;
  int64_t limit = 0;
  std::vector<GroupCheck> checks;
  Harmless shown;  // columns of the query
};

// What a check compares with earlier scans, and adds to the history.
struct HistoryPlan {
  std::string key;
  // Of a metric one of the two; none of a schema and of groups.
  std::optional<ChangeOverTime> change = {};
  std::optional<AnomalySettings> anomaly = {};
};

// How the rows of a distribution check's only input are compared.
struct DistributionPlan {
  std::string method;
  Distribution reference;
};

struct GroupEvolutionPlan {
  std::vector<std::string> fields;  // none: the query's first column
  std::vector<GroupRule> rules;
  Harmless shown;  // columns of the query
};

struct PlannedCheck {
  CheckResult draft;    // everything but outcome, value, diagnostics
  bool broken = false;  // an error already says why it cannot be evaluated
  Formula formula = Formula::kValue;
  std::vector<size_t> inputs;  // measurements, by index
  std::vector<std::string> labels;
  Zones zones;
  AgeReference age;
  bool is_schema = false;
  std::vector<SchemaRule> schema_rules;
  std::optional<GroupPlan> group;               // a group by; its only input is the query
  std::optional<GroupEvolutionPlan> evolution;  // a group evolution; its only input is the query
  std::optional<DistributionPlan> distribution;
  std::optional<HistoryPlan> history;
  size_t source = 0;
  std::string failing_rows;  // SELECT
  // Of a check with `on_bad_rows`: true, false or NULL of a row of its source, which the condition calls `source` where
  // it has to; true for a bad one. The filter of its section is in it.
  std::string bad_row;
  std::optional<OnBadRows> on_bad_rows;
  // What is measured is a value of a sensitive column or made of such: it is judged, but not shown. (Of a distribution,
  // only the reason why there is no value can hold one.)
  bool hides_value = false;
};

struct Plan {
  SensitiveColumns sensitive;
  // Dataset and filter as the files' headers name them; none of a header that is about columns.
  std::vector<std::pair<std::string, std::optional<std::string>>> mentions;
  std::vector<SurveySection> surveys;  // variables filled in
  std::vector<Source> sources;
  std::vector<PlannedMeasurement> measurements;
  std::vector<PlannedCheck> checks;  // in the order written
};

// Reads and plans all files of a request. Everything wrong with them is in `findings`.
Plan plan_of(const ScanRequest& request, const DataAccess& data, Findings& findings);

// That the files of the request hold no check at all.
ScanError no_check(const ScanRequest& request);

// Plans the documents of a scan, in their order. What cannot be planned is in `errors`, its check `broken`.
void plan_documents(std::vector<Document> documents, Variables& variables, const DataAccess& data, bool compat,
                    Plan& plan, std::vector<ScanError>& errors);

}  // namespace metl::quality
