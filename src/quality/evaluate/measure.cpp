#include "quality/evaluate/measure.h"

#include <fmt/format.h>

#include <map>
#include <span>
#include <tuple>

#include "base/error.h"
#include "base/time.h"

namespace metl::quality {
namespace {

class Taker {
 public:
  Taker(const Plan& plan, const DataAccess& data, std::vector<QueryRun>& queries)
      : plan_(plan), data_(data), queries_(queries) {}

  std::vector<Taken> run() {
    taken_.resize(plan_.measurements.size());
    std::vector<std::vector<size_t>> aggregates(plan_.sources.size());
    for (size_t i = 0; i < plan_.measurements.size(); ++i) {
      const auto& [source, what] = plan_.measurements[i];
      if (what.kind == Measurement::Kind::kAggregate) aggregates[source].push_back(i);
    }
    for (size_t source = 0; source < aggregates.size(); ++source) take_aggregates(source, aggregates[source]);
    for (size_t i = 0; i < plan_.measurements.size(); ++i) {
      const auto& [source, what] = plan_.measurements[i];
      if (what.kind == Measurement::Kind::kDuplicates) take_duplicates(i, plan_.sources[source]);
      if (what.kind == Measurement::Kind::kQuery || what.kind == Measurement::Kind::kRows) take_query(i);
    }
    return std::move(taken_);
  }

 private:
  void take_aggregates(size_t source, std::span<const size_t> rest) {
    while (!rest.empty()) {
      const auto part = rest.first(std::min(rest.size(), kMostAggregates));
      rest = rest.subspan(part.size());
      const std::string error = take_together(source, part);
      if (error.empty()) continue;
      if (part.size() == 1) {
        taken_[part[0]].error = error;
        continue;
      }
      for (size_t i = 0; i < part.size(); ++i) taken_[part[i]].error = take_together(source, part.subspan(i, 1));
    }
  }

  // The engine's message, or "" when the values are there.
  std::string take_together(size_t source_index, std::span<const size_t> part) {
    const Source& source = plan_.sources[source_index];
    std::vector<std::string> expressions;
    for (const size_t i : part) expressions.push_back(plan_.measurements[i].what.sql);
    const std::string sql = aggregate_sql(source, expressions);
    return asked(source, "aggregation", sql, [&] {
      const Rows rows = data_.query(sql);
      if (rows.rows.size() != 1 || rows.rows[0].size() != part.size()) return false;
      for (size_t i = 0; i < part.size(); ++i) taken_[part[i]].value = rows.rows[0][i];
      return true;
    });
  }

  void take_query(size_t i) {
    const Measurement& what = plan_.measurements[i].what;
    const bool groups = what.kind == Measurement::Kind::kRows;
    const Source& source = plan_.sources[plan_.measurements[i].source];
    taken_[i].error = asked(source, groups ? "group_by" : "query", what.sql, [&] {
      Rows rows = data_.query(what.sql);
      // Of several columns the last that is not NULL, as in Soda Core.
      for (const auto& value : rows.rows.empty() ? std::vector<Value>{} : rows.rows[0]) {
        if (!is_null(value)) taken_[i].value = value;
      }
      if (groups) taken_[i].rows = std::move(rows);
      return true;
    });
  }

  void take_duplicates(size_t i, const Source& source) {
    const Measurement& what = plan_.measurements[i].what;
    taken_[i].error = asked(source, "duplicates", query_sql(source, what), [&] {
      taken_[i].value = data_.duplicate_keys(source.view, what.key, what.condition);
      return true;
    });
  }

  template <typename Ask>
  std::string asked(const Source& source, const std::string& kind, const std::string& sql, const Ask& ask) {
    const std::string name = fmt::format("{}[{}]", kind, runs_[{source.dataset, source.partition, kind}]++);
    queries_.push_back({name, source.dataset, source.partition, sql, 0, ""});
    QueryRun& run = queries_.back();
    const Stopwatch clock;
    try {
      if (!ask()) run.error = "the query gave another number of values than asked for";
    } catch (const Error& e) {
      if (e.cause() == Cause::kInterrupted) throw;
      run.error = e.message();
    }
    run.seconds = clock.seconds();
    return run.error;
  }

  const Plan& plan_;
  const DataAccess& data_;
  std::vector<QueryRun>& queries_;
  std::map<std::tuple<std::string, std::string, std::string>, int> runs_;  // of a dataset, partition and kind
  std::vector<Taken> taken_;
};

}  // namespace

std::string aggregate_sql(const Source& source, const std::vector<std::string>& expressions) {
  std::string sql = fmt::format("SELECT {} FROM {}", fmt::join(expressions, ",\n  "), source.view);
  if (!source.where.empty()) sql += " WHERE " + source.where;
  return sql;
}

std::string query_sql(const Source& source, const Measurement& what) {
  if (what.kind != Measurement::Kind::kDuplicates) return what.sql;
  return fmt::format("-- keys ({}) in more than one row of {}{}", fmt::join(what.key, ", "), source.view,
                     what.condition.empty() ? "" : " WHERE " + what.condition);
}

std::vector<Taken> take_measurements(const Plan& plan, const DataAccess& data, std::vector<QueryRun>& queries) {
  return Taker(plan, data, queries).run();
}

}  // namespace metl::quality
