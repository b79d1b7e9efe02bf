// A checks file as written: what document.h makes of YAML, before variables are filled in and before any data is known.
//
// Texts may still hold ${variables}. Everything that can be wrong in an error message's place carries its Location.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "quality/scan.h"

namespace metl::quality {

// What makes one check, setting or section useless, thrown up to whoever reads or plans it and there turned into a
// ScanError: the rest of the file goes on. Never leaves the layer.
struct Problem {
  Location at;
  std::string message;
};

// A string of the file with its place.
struct Text {
  std::string text;
  Location at;
};

// The name of a column, dataset or metric. Quotes, backticks or brackets around it are removed.
struct Name {
  std::string text;
  bool quoted = false;
};

// The right side of a comparison.
struct Operand {
  enum class Kind { kNumber, kDuration, kText };  // kText: becomes a number when its variables are filled in
  Kind kind = Kind::kNumber;
  double number = 0;  // kDuration: seconds
  std::string text;
};

struct Condition {
  enum class Comparison { kLess, kLessEqual, kEqual, kGreaterEqual, kGreater, kNotEqual, kBetween, kNotBetween };
  Comparison comparison = Comparison::kEqual;
  Operand low;  // the only one unless between
  Operand high;
  bool low_open = false;  // between: the bound itself is outside
  bool high_open = false;
};

struct Metric {
  std::string name;
  std::vector<Name> arguments;
};

// `change ... for` and `anomaly ... for`: measured against earlier scans.
enum class AgainstHistory { kNo, kChange, kAnomaly };

// The lines a check can start with.
struct MetricLine {
  Metric metric;
  std::optional<Condition> pass;
  AgainstHistory history = AgainstHistory::kNo;
  bool deprecated_syntax = false;  // `freshness using`
};
struct ReferenceLine {
  std::vector<Name> columns;
  bool must_exist = true;
  Name dataset;
  std::vector<Name> target_columns;
};
struct SameRowCountLine {
  Name dataset;
  std::string partition;
  std::string data_source;
};
enum class BlockLine { kSchema, kFailedRows, kGroupBy, kGroupEvolution };
using CheckLine = std::variant<MetricLine, ReferenceLine, SameRowCountLine, BlockLine>;

// A value in a list of valid, invalid or missing values.
struct Literal {
  enum class Kind { kText, kNumber, kBoolean };
  Kind kind = Kind::kText;
  Text value;
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
};

// `NAME expression|query|sql_file: ...`: how a metric of the user's own is measured.
struct UserMetric {
  enum class Kind { kExpression, kQuery };
  Kind kind = Kind::kExpression;
  std::string name;
  Text sql;
};

struct SchemaRules {
  std::vector<Text> required, forbidden;
  std::vector<std::pair<Text, Text>> types;                   // column, type
  std::vector<std::pair<Text, int64_t>> positions;            // column, index from 0
  std::optional<std::vector<std::pair<Text, Text>>> exactly;  // column, type
  std::vector<std::string> optional_columns;                  // of `exactly`
};

struct MetricBody {
  MetricLine line;
  Validity validity;
  std::optional<UserMetric> user_metric;
  std::optional<Text> failed_rows_query;
};
struct SchemaBody {
  std::optional<SchemaRules> warn, fail;
};
struct FailedRowsBody {
  std::optional<Text> condition, query;
};

struct Check;
struct GroupByBody {
  Text query;
  std::vector<std::string> fields;
  int64_t group_limit = 1000;
  std::vector<Check> checks;  // metric checks on columns of the query
};

using CheckBody = std::variant<MetricBody, ReferenceLine, SameRowCountLine, SchemaBody, FailedRowsBody, GroupByBody>;

struct Check {
  std::string line;  // as written
  Location at;
  CheckBody body;
  // kPartly: a setting could not be read. kUnusable: so little is left that there is nothing to evaluate. An error says
  // so.
  enum class Reading { kWhole, kPartly, kUnusable };
  Reading reading = Reading::kWhole;
  std::optional<Text> name;
  std::optional<Text> filter;
  std::optional<Condition> warn, fail;  // bad when they hold
  std::string written_zones;            // " warn when > 3 fail when > 10": part of the default name
  std::optional<int64_t> samples_limit;
  std::string identity;
  std::vector<std::pair<std::string, Text>> attributes;
};

// `checks for DATASET [PARTITION]`, or `checks` of the data source (an empty dataset).
struct ChecksSection {
  Name dataset;
  std::string partition;
  Location at;
  std::vector<Check> checks;
};

struct FilterSection {
  Name dataset;
  std::string partition;
  Text where;
};

struct ConfigurationSection {
  Name dataset;
  std::vector<std::pair<std::string, Validity>> columns;
};

struct ForEachSection {
  std::string variable;  // holds the dataset's name in texts
  Location at;
  std::vector<std::pair<bool, std::string>> patterns;  // include?, LIKE pattern
  std::vector<Check> checks;
};

using Section = std::variant<ChecksSection, ForEachSection>;

struct Document {
  std::string file;
  std::vector<std::pair<std::string, Text>> variables;
  std::vector<FilterSection> filters;
  std::vector<ConfigurationSection> configurations;
  std::vector<Section> sections;  // those with checks, in order
};

}  // namespace metl::quality
