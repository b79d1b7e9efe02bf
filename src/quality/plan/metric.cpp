#include "quality/plan/metric.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

// Metrics that are one aggregate function of a column's usable values, or of their lengths: {} is that value.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kNumeric{{
    {"min", "MIN({})"},
    {"max", "MAX({})"},
    {"avg", "AVG({})"},
    {"sum", "SUM({})"},
    {"stddev", "STDDEV({})"},
    {"stddev_pop", "STDDEV_POP({})"},
    {"stddev_samp", "STDDEV_SAMP({})"},
    {"variance", "VARIANCE({})"},
    {"var_pop", "VAR_POP({})"},
    {"var_samp", "VAR_SAMP({})"},
}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kLength{{
    {"min_length", "MIN({})"},
    {"max_length", "MAX({})"},
    {"avg_length", "AVG({})"},
}};

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names{"row_count",       "missing_count", "missing_percent",        "invalid_count",
                                   "invalid_percent", "valid_count",   "duplicate_count",        "duplicate_percent",
                                   "percentile",      "freshness",     "distribution_difference"};
    for (const auto& [name, sql] : kNumeric) names.emplace_back(name);
    for (const auto& [name, sql] : kLength) names.emplace_back(name);
    return names;
  }();
  return kNames;
}

std::string when(const std::string& condition, const std::string& value) {
  return condition.empty() ? value : fmt::format("CASE WHEN {} THEN {} END", condition, value);
}

class MetricPlanner {
 public:
  MetricPlanner(const Check& check, const MetricBody& body, const std::string& filter, const MetricContext& context)
      : check_(check), body_(body), metric_(body.line.metric), filter_(filter), context_(context) {}

  Measured plan() {
    const std::string& name = metric_.name;
    if (body_.user_metric) return user_metric();
    if (name == "row_count") return row_count();
    if (name == "missing_count" || name == "missing_percent" || name == "invalid_count" || name == "invalid_percent" ||
        name == "valid_count") {
      return row_kind(name.substr(0, name.find('_')), name.ends_with("_percent"));
    }
    if (name == "duplicate_count" || name == "duplicate_percent") return duplicates();
    if (name == "freshness") return freshness();
    if (name == "percentile") return percentile();
    for (const auto& [known, sql] : kNumeric) {
      if (known == name) return number(sql);
    }
    for (const auto& [known, sql] : kLength) {
      if (known == name) return length(sql);
    }
    throw Problem{
        check_.at,
        fmt::format("unknown metric '{}'.{} A metric of your own needs '{} expression' or '{} query' under the check.",
                    name, text::did_you_mean(name, metric_names()), name, name)};
  }

 private:
  // The only column of a metric.
  Column column() {
    if (metric_.arguments.empty())
      throw Problem{check_.at, fmt::format("{} needs a column, as in {}(rating)", metric_.name, metric_.name)};
    if (metric_.arguments.size() > 1 && metric_.name != "percentile" && metric_.name != "freshness" &&
        !context_.compat) {
      throw Problem{check_.at,
                    fmt::format("{} is about one column, but {} are named", metric_.name, metric_.arguments.size())};
    }
    return find(metric_.arguments[0]);
  }
  Column find(const Name& name) const {
    return find_column(context_.source.schema, context_.variables.fill(name.text, check_.at), context_.dialect,
                       context_.source.dataset, check_.at);
  }
  Validity validity_of(const Column& column) const { return validity_of_column(body_.validity, column.name, context_); }

  static Measured of_values(Measured measured, const Column& column) {
    measured.values_of = Field{column.name, column.type, true, ""};
    return measured;
  }
  Measured aggregate(std::string sql, std::string column_name) const {
    Measured out;
    out.inputs.push_back({Measurement::Kind::kAggregate, std::move(sql), {}, ""});
    out.labels.push_back("check_value");
    out.column = std::move(column_name);
    return out;
  }
  // Turns a count into its share of the rows.
  Measured percent_of_rows(Measured count, const std::string& label) const {
    count.formula = Formula::kPercent;
    count.labels = {label, "row_count"};
    count.inputs.push_back({Measurement::Kind::kAggregate, count_sql(filter_), {}, ""});
    return count;
  }

  Measured row_count() const {
    if (!metric_.arguments.empty())
      throw Problem{check_.at, "row_count is about no column; missing_count(column) may be meant"};
    Measured out = aggregate(count_sql(filter_), "");
    return out;
  }

  Measured row_kind(const std::string& kind, bool percent) {
    const Column column = this->column();
    const Validity validity = validity_of(column);
    const ValiditySql sql = validity_sql(validity, column, context_.variables, context_.dialect, context_.compat);
    std::string condition = kind == "missing" ? sql.missing : kind == "valid" ? sql.usable : sql.invalid;
    if (condition.empty()) {
      if (!context_.compat) {
        throw Problem{
            check_.at,
            fmt::format("nothing says what is invalid: add 'valid min', 'valid values', 'valid format' or the like "
                        "under \"{}\"",
                        check_.line)};
      }
      condition = "FALSE";
    }
    condition = both(filter_, condition);
    Measured out = aggregate(count_sql(condition), column.name);
    if (kind != "valid") out.failing = condition;
    return percent ? percent_of_rows(std::move(out), kind + "_count") : out;
  }

  Measured number(std::string_view function) {
    const Column column = this->column();
    const Validity validity = validity_of(column);
    Measured out = aggregate(
        fmt::format(fmt::runtime(function), usable(validity, column, number_sql(validity, column, context_.dialect))),
        column.name);
    if (metric_.name == "sum" && column.type.is_whole()) out.formula = Formula::kWhole;
    return of_values(std::move(out), column);
  }

  Measured length(std::string_view function) {
    const Column column = this->column();
    const bool text = column.type.kind == Type::Kind::kString;
    const std::string size = column.type.is_nested() ? context_.dialect.elements(column.sql)
                             : text                  ? fmt::format("LENGTH({})", column.sql)
                                                     : fmt::format("LENGTH(CAST({} AS STRING))", column.sql);
    return aggregate(fmt::format(fmt::runtime(function), usable(validity_of(column), column, size)), column.name);
  }

  Measured percentile() {
    const Column column = this->column();
    const auto share = metric_.arguments.size() == 2
                           ? parse_number(context_.variables.fill(metric_.arguments[1].text, check_.at))
                           : std::nullopt;
    if (!share || *share < 0 || *share > 1) {
      throw Problem{check_.at, "percentile needs a column and a share from 0 to 1, as in percentile(rating, 0.95)"};
    }
    const Validity validity = validity_of(column);
    return of_values(aggregate(fmt::format("PERCENTILE_DISC({}) WITHIN GROUP (ORDER BY {})", *share,
                                           usable(validity, column, number_sql(validity, column, context_.dialect))),
                               column.name),
                     column);
  }

  // The values that an aggregate is over: of the rows of the filter, and those neither missing nor invalid.
  std::string usable(const Validity& validity, const Column& column, const std::string& value) const {
    std::string condition;
    if (validity.says_missing() || validity.says_valid() || validity.says_invalid()) {
      condition = validity_sql(validity, column, context_.variables, context_.dialect, context_.compat).usable;
    }
    return when(both(filter_, condition), value);
  }

  Measured duplicates() const {
    if (metric_.arguments.empty()) {
      throw Problem{check_.at,
                    fmt::format("{} needs columns, as in {}(movie_id, user_id)", metric_.name, metric_.name)};
    }
    Measured out;
    Measurement keys{Measurement::Kind::kDuplicates, "", {}, both(context_.source.where, filter_)};
    std::vector<std::string> sql;
    std::vector<std::string> not_null;
    bool nested = false;
    for (const auto& argument : metric_.arguments) {
      const Column column = find(argument);
      nested |= find_field(context_.source.schema, column.name) == nullptr;
      keys.key.push_back(column.name);
      sql.push_back(column.sql);
      not_null.push_back(column.sql + " IS NOT NULL");
    }
    // To Soda Core a percentage is of its first column, a count of none.
    if (keys.key.size() == 1 || metric_.name == "duplicate_percent") out.column = keys.key[0];
    const std::string rows = fmt::format("{}", fmt::join(not_null, " AND "));
    const std::string list = fmt::format("{}", fmt::join(sql, ", "));
    out.failing = fmt::format("{} AND ({}) IN (SELECT {} FROM {} WHERE {} GROUP BY {} HAVING COUNT(*) > 1)",
                              both(filter_, rows), list, list, context_.source.view, both(keys.condition, rows), list);
    // The engine's quick way of finding duplicates knows columns only.
    if (nested) {
      keys = {Measurement::Kind::kQuery,
              fmt::format("SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE {} GROUP BY {} HAVING COUNT(*) > 1) AS keys",
                          context_.source.view, both(keys.condition, rows), list),
              {},
              ""};
    }
    out.inputs.push_back(std::move(keys));
    out.labels.push_back("check_value");
    return metric_.name == "duplicate_percent" ? percent_of_rows(std::move(out), "duplicate_count") : out;
  }

  Measured freshness() {
    const Column column = this->column();
    using Kind = Type::Kind;
    if (column.type.kind != Kind::kDate && column.type.kind != Kind::kTimestamp &&
        column.type.kind != Kind::kTimestampNtz) {
      throw Problem{check_.at, fmt::format("freshness needs a date or timestamp, but column '{}' is {}", column.name,
                                           type_name(column.type))};
    }
    Measured out = aggregate(fmt::format("MAX({})", when(filter_, column.sql)), column.name);
    out.formula = Formula::kAge;
    return of_values(std::move(out), column);
  }

  Measured user_metric() const {
    const UserMetric& metric = *body_.user_metric;
    const std::string sql = context_.variables.fill(metric.sql);
    const bool filtered = !filter_.empty();
    if (filtered) {
      throw Problem{check_.at,
                    fmt::format("'filter' has no effect on a metric of your own: put the condition into its SQL")};
    }
    if (metric.kind == UserMetric::Kind::kExpression) {
      if (context_.source.view.empty())
        throw Problem{check_.at, "an expression needs a dataset: use 'query', or 'checks for DATASET'"};
      return aggregate(embed(sql, metric.sql.at), "");
    }
    Measured out = aggregate(fmt::format("SELECT * FROM {} AS answer LIMIT 1", embed(sql, metric.sql.at)), "");
    out.inputs[0].kind = Measurement::Kind::kQuery;
    out.formula = Formula::kReal;  // as Soda Core takes it
    return out;
  }

  const Check& check_;
  const MetricBody& body_;
  const Metric& metric_;
  const std::string& filter_;
  const MetricContext& context_;
};

}  // namespace

Measured measure_metric(const Check& check, const MetricBody& body, const std::string& filter,
                        const MetricContext& context) {
  return MetricPlanner(check, body, filter, context).plan();
}

Validity validity_of_column(const Validity& own, const std::string& column, const MetricContext& context) {
  for (const auto& [name, configured] : context.configured) {
    if (text::to_lower(name) != text::to_lower(column)) continue;
    Validity settings = configured;
    // To Soda Core only a check itself can say what is invalid.
    if (context.compat) settings.invalid_values = {}, settings.invalid_format = {}, settings.invalid_regex = {};
    return merge(own, settings);
  }
  return own;
}

std::string count_sql(const std::string& condition) {
  return condition.empty() ? "COUNT(*)" : fmt::format("COUNT(CASE WHEN {} THEN 1 END)", condition);
}

}  // namespace metl::quality
