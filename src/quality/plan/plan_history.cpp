#include "quality/plan/plan_history.h"

#include "quality/plan/history_key.h"

namespace metl::quality {

HistoryPlan plan_comparison(const Check& check, const MetricBody& body, const MetricContext& context,
                            const Measured& measured, const Planning& planning) {
  if (measured.formula == Formula::kAge) {
    throw Problem{check.at, "not supported: the change of a freshness; 'freshness(column) < 1d' limits the age itself"};
  }
  const Variables timeless = context.variables.without_times();
  const Source& source = context.source;
  std::string where;
  if (!source.partition.empty())
    where = planning.sources->where_of(source.dataset, source.partition, timeless, check.at).text;
  HistoryPlan out{metric_key(check, body, {source, context.configured, timeless, context.dialect, context.compat},
                             where, measured.column)};
  if (body.line.history == AgainstHistory::kAnomaly)
    out.anomaly = body.anomaly;
  else
    out.change = body.line.change;
  return out;
}

}  // namespace metl::quality
