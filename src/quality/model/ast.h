// A checks file as written: what syntax/document.h makes of YAML, before variables are filled in and before any data is
// known.
//
// Texts may still hold ${variables}. Everything that can be wrong in an error message's place carries its Location.
// Two documents are equal when they say the same, wherever it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "quality/model/result.h"

namespace metl::quality {

// What makes one check, setting or section useless, thrown up to whoever reads or plans it and there turned into a
// ScanError: the rest of the file goes on. Never leaves the layer.
struct Problem {
  Location at;
  std::string message;
};

// Where something stands; of no account when things are compared.
struct Place : Location {
  Place() = default;
  Place(Location at) : Location(std::move(at)) {}
  bool operator==(const Place&) const { return true; }
};

// A string of the file with its place.
struct Text {
  std::string text;
  Place at;

  bool operator==(const Text&) const = default;
};

// The name of a column, dataset or metric. Quotes, backticks or brackets around it are removed.
struct Name {
  std::string text;
  bool quoted = false;

  bool operator==(const Name&) const = default;
};

// The right side of a comparison.
struct Operand {
  enum class Kind { kNumber, kDuration, kText };  // kText: becomes a number when its variables are filled in
  Kind kind = Kind::kNumber;
  double number = 0;  // kDuration: seconds
  std::string text;
  std::optional<int64_t> whole = {};  // `number` exactly, where a scan is to compare whole numbers so (plan/zones.h)

  bool operator==(const Operand&) const = default;
};

struct Condition {
  enum class Comparison { kLess, kLessEqual, kEqual, kGreaterEqual, kGreater, kNotEqual, kBetween, kNotBetween };
  Comparison comparison = Comparison::kEqual;
  Operand low;  // the only one unless between
  Operand high;
  bool low_open = false;  // between: the bound itself is outside
  bool high_open = false;

  bool operator==(const Condition&) const = default;
};

struct Metric {
  std::string name;
  std::vector<Name> arguments;

  bool operator==(const Metric&) const = default;
};

// `change ... for` and `anomaly ... for`: measured against earlier scans.
enum class AgainstHistory { kNo, kChange, kAnomaly };

// `change [percent] [avg|min|max last N | same day last week] for`: what the value is compared with.
struct ChangeOverTime {
  enum class Baseline { kAverage, kMinimum, kMaximum, kSameDayLastWeek };
  Baseline baseline = Baseline::kMinimum;
  int64_t last = 1;  // how many earlier measurements the baseline is made of; alone, it is its own minimum
  bool percent = false;

  bool operator==(const ChangeOverTime&) const = default;
};

// Earlier days before an anomaly is judged: less than a week says little.
constexpr size_t kLeastMeasurements = 7;

// How an anomaly is told from what is usual (evaluate/anomaly.h).
struct AnomalySettings {
  double warning_ratio = 0.1;                    // 0..1
  double min_confidence_interval_ratio = 0.001;  // 0..1
  int64_t window_length = 91;                    // measurements
  bool warn_only = false;

  bool operator==(const AnomalySettings&) const = default;
};

// The lines a check can start with.
struct MetricLine {
  Metric metric;
  std::optional<Condition> pass;
  AgainstHistory history = AgainstHistory::kNo;
  ChangeOverTime change;           // of kChange
  bool deprecated_syntax = false;  // `freshness using`, `anomaly score`

  bool operator==(const MetricLine&) const = default;
};
struct ReferenceLine {
  std::vector<Name> columns;
  bool must_exist = true;
  Name dataset;
  std::vector<Name> target_columns;

  bool operator==(const ReferenceLine&) const = default;
};
struct SameRowCountLine {
  Name dataset;
  std::string partition;
  std::string data_source;

  bool operator==(const SameRowCountLine&) const = default;
};
enum class BlockLine { kSchema, kFailedRows, kGroupBy, kGroupEvolution };
using CheckLine = std::variant<MetricLine, ReferenceLine, SameRowCountLine, BlockLine>;

// A value in a list of valid, invalid or missing values.
struct Literal {
  enum class Kind { kText, kNumber, kBoolean };
  Kind kind = Kind::kText;
  Text value;

  bool operator==(const Literal&) const = default;
};

// Which values of a column count as missing, valid and invalid.
struct Validity {
  std::optional<std::vector<Literal>> missing_values, valid_values, invalid_values;
  std::optional<Text> missing_format, missing_regex, valid_format, valid_regex, invalid_format, invalid_regex;
  std::optional<Text> valid_min, valid_max, valid_length, valid_min_length, valid_max_length;  // numbers once filled in
  std::optional<bool> include_null;

  bool says_missing() const { return missing_values || missing_format || missing_regex; }
  bool says_valid() const {
    return valid_values || valid_format || valid_regex || valid_min || valid_max || valid_length || valid_min_length ||
           valid_max_length;
  }
  bool says_invalid() const { return invalid_values || invalid_format || invalid_regex; }

  bool operator==(const Validity&) const = default;
};

// `NAME expression|query|sql_file: ...`: how a metric of the user's own is measured.
struct UserMetric {
  enum class Kind { kExpression, kQuery };
  Kind kind = Kind::kExpression;
  std::string name;
  Text sql;

  bool operator==(const UserMetric&) const = default;
};

// The differences from the earlier scan that a rule is about.
struct SchemaChanges {
  bool added = false, deleted = false, type = false, position = false;

  bool any() const { return added || deleted || type || position; }

  bool operator==(const SchemaChanges&) const = default;
};

struct SchemaRules {
  std::vector<Text> required, forbidden;
  std::vector<std::pair<Text, Text>> types;                   // column, type; "" for any
  std::vector<std::pair<Text, int64_t>> positions;            // column, index from 0
  std::optional<std::vector<std::pair<Text, Text>>> exactly;  // column, type
  std::vector<std::string> optional_columns;                  // of `exactly`
  SchemaChanges changes;

  bool operator==(const SchemaRules&) const = default;
};

struct GroupRules {
  std::vector<Text> required, forbidden;
  bool added = false, deleted = false;  // since the earlier scan

  bool operator==(const GroupRules&) const = default;
};

// What `distribution_difference` compares with, and how.
struct DistributionSettings {
  std::optional<Text> file;    // of the reference
  std::optional<Text> method;  // absent: as the reference's kind wants it
  std::optional<Text> sample;  // SQL: TABLESAMPLE ...

  bool operator==(const DistributionSettings&) const = default;
};

struct MetricBody {
  MetricLine line;
  Validity validity;
  std::optional<UserMetric> user_metric;
  std::optional<Text> failed_rows_query;
  AnomalySettings anomaly;  // of AgainstHistory::kAnomaly
  DistributionSettings distribution = {};

  bool operator==(const MetricBody&) const = default;
};
struct SchemaBody {
  std::optional<SchemaRules> warn, fail;

  bool operator==(const SchemaBody&) const = default;
};
struct FailedRowsBody {
  std::optional<Text> condition, query;

  bool operator==(const FailedRowsBody&) const = default;
};

struct GroupEvolutionBody {
  Text query;
  std::vector<std::string> fields;  // of the query: what names a group; none: its first column
  std::optional<GroupRules> warn, fail;

  bool operator==(const GroupEvolutionBody&) const = default;
};

struct Check;
struct GroupByBody {
  Text query;
  std::vector<std::string> fields;
  int64_t group_limit = 1000;
  std::vector<Check> checks;  // metric checks on columns of the query

  bool operator==(const GroupByBody& other) const;
};

using CheckBody = std::variant<MetricBody, ReferenceLine, SameRowCountLine, SchemaBody, FailedRowsBody, GroupByBody,
                               GroupEvolutionBody>;

// What becomes of the rows that a check finds bad, where a run can set them aside (docs/decisions/0020).
struct OnBadRows {
  int64_t most_millionths = 0;  // of a percent: the most that may be set aside, of all rows judged
  std::string most;             // the same as it is written: "1%"
  Place at;
  bool operator==(const OnBadRows& other) const { return most == other.most; }
};

struct Check {
  std::string line;  // as written
  Place at;
  CheckBody body;
  // kPartly: a setting could not be read. kUnusable: so little is left that there is nothing to evaluate. An error says
  // so.
  enum class Reading { kWhole, kPartly, kUnusable };
  Reading reading = Reading::kWhole;
  std::optional<Text> name;
  std::optional<Text> filter;
  std::optional<Condition> warn, fail;     // bad when they hold
  std::string written_warn, written_fail;  // "when > 3"; "" for none
  std::optional<int64_t> samples_limit;
  std::optional<OnBadRows> on_bad_rows;
  std::string identity;
  std::vector<std::pair<std::string, Text>> attributes;

  bool operator==(const Check&) const = default;
};

inline bool GroupByBody::operator==(const GroupByBody& other) const {
  return query == other.query && fields == other.fields && group_limit == other.group_limit && checks == other.checks;
}

// The `title` of a section is its header as written.

// `checks for DATASET [PARTITION]`, or `checks` of the data source (an empty dataset).
struct ChecksSection {
  Name dataset;
  std::string partition;
  Place at;
  std::vector<Check> checks;
  std::string title;

  bool operator==(const ChecksSection&) const = default;
};

struct FilterSection {
  Name dataset;
  std::string partition;
  Text where;
  std::string title;

  bool operator==(const FilterSection&) const = default;
};

struct ConfigurationSection {
  Name dataset;
  std::vector<std::pair<std::string, Validity>> columns;
  std::string title;

  bool operator==(const ConfigurationSection&) const = default;
};

// Also `automated monitoring`, which has checks of its own.
struct ForEachSection {
  std::string title;
  std::string variable;  // holds the dataset's name in texts; "" for automated monitoring
  Place at;
  std::vector<std::pair<bool, std::string>> patterns;  // include?, LIKE pattern
  std::vector<Check> checks;

  bool operator==(const ForEachSection&) const = default;
};

// `discover datasets`, `sample datasets`, `profile columns`: asks what the data is, not whether it is good.
struct SurveySection {
  enum class Kind { kDiscover, kSample, kProfile };
  Kind kind = Kind::kDiscover;
  std::vector<std::pair<bool, std::string>> patterns;  // include?, LIKE pattern; of a profile "dataset.column"
  Place at;
  std::string title;

  bool operator==(const SurveySection&) const = default;
};

using Section = std::variant<ChecksSection, ForEachSection>;

// Datasets and filters (none: a header that is about columns) in the order in which a file's headers name them, which
// only Soda Core's forms of a result follow: of no account when documents are compared.
struct Mentions : std::vector<std::pair<Name, std::optional<std::string>>> {
  bool operator==(const Mentions&) const { return true; }
};

struct Document {
  std::string file;
  std::vector<std::pair<std::string, Text>> variables;
  std::vector<FilterSection> filters;
  std::vector<ConfigurationSection> configurations;
  std::vector<Section> sections;  // those with checks, in order
  std::vector<SurveySection> surveys;
  Mentions mentions;

  bool operator==(const Document&) const = default;
};

}  // namespace metl::quality
