#include "pipeline/quarantine_judge.h"

#include <fmt/format.h>

#include "base/error.h"
#include "sql/names.h"

namespace metl::pipeline {
namespace {

std::unique_ptr<engine::Engine> confined_to(engine::Engine& engine, const AuditRequest& gate,
                                            const std::string& folder) {
  engine::Confinement limits;
  limits.folders = gate.folders;
  limits.writable = folder;
  for (const auto& dataset : gate.datasets) allow(dataset, limits);
  return engine.confined(limits);
}

std::string list_of(const Schema& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(sql::identifier(column.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

// NULL is not bad, as in the WHERE with which the checks count.
std::string holds(const quality::RowRule& rule) { return fmt::format("coalesce(({}\n), false)", rule.is_bad); }

bool exceeds(const Judged& judged, int64_t rows) {
  constexpr long double kWhole = 100'000'000;  // 100 percent, in millionths
  return static_cast<long double>(judged.bad) * kWhole >
         static_cast<long double>(rows) * static_cast<long double>(judged.rule.limit.most_millionths);
}

}  // namespace

std::vector<const Judged*> Judgement::exceeded() const {
  std::vector<const Judged*> out;
  for (const auto& one : rules) {
    if (exceeds(one, rows)) out.push_back(&one);
  }
  return out;
}

std::string reason_of(const Judged& judged, int64_t rows) {
  constexpr double kPercent = 100;
  const double share = rows == 0 ? 0 : kPercent * static_cast<double>(judged.bad) / static_cast<double>(rows);
  return fmt::format("{} of {} rows are bad ({:.4g}%), and on_bad_rows sets aside {} at most", judged.bad, rows, share,
                     judged.rule.limit.most);
}

Judge::Judge(engine::Engine& engine, AuditRequest gate, const Carried& carried, const std::string& folder)
    : carried_(carried), confined_(confined_to(engine, gate, folder)), datasets_(*confined_, gate.catalog) {
  Dataset& staged = gate.datasets.front();
  staged.columns.insert(staged.columns.end(), carried.columns.begin(), carried.columns.end());
  datasets_.add(staged);
  const auto access = datasets_.access();
  view_ = access.view_of(staged.name).value();
  std::vector<std::string> items{"count(*)"}, any;
  for (auto& rule : quality::row_rules(gate.scan, access)) {
    if (rule.view != view_) {
      throw Error(Cause::kConfiguration, rule.limit.at,
                  fmt::format("'on_bad_rows' is about rows of {}, which are not this run's; only rows of {} can be set "
                              "aside",
                              rule.view, staged.name));
    }
    items.push_back(fmt::format("count(CASE WHEN {} THEN 1 END)", holds(rule)));
    any.push_back(holds(rule));
    judgement_.rules.push_back({std::move(rule), 0});
  }
  items.push_back(any.empty() ? "CAST(0 AS BIGINT)"
                              : fmt::format("count(CASE WHEN {} THEN 1 END)", fmt::join(any, " OR ")));
  const Rows counts = confined_->query(fmt::format("SELECT {} FROM {} AS source", fmt::join(items, ", "), view_));
  const auto& row = counts.rows.at(0);
  judgement_.rows = std::get<int64_t>(row.front());
  judgement_.bad = std::get<int64_t>(row.back());
  for (size_t i = 0; i < judgement_.rules.size(); ++i) judgement_.rules[i].bad = std::get<int64_t>(row.at(i + 1));
}

std::string Judge::is_bad() const {
  std::vector<std::string> any;
  for (const auto& one : judgement_.rules) any.push_back(holds(one.rule));
  return any.empty() ? "false" : fmt::format("({})", fmt::join(any, " OR "));
}

std::vector<engine::DataFile> Judge::write_good(const Schema& columns, const engine::WriteOptions& options) {
  return confined_->write(fmt::format("SELECT {} FROM {} AS source WHERE NOT {}{}", list_of(columns), view_, is_bad(),
                                      sql::order_by(options.cluster_by)),
                          options, {});
}

std::vector<engine::DataFile> Judge::write_bad(const Schema& source_columns, const engine::WriteOptions& options) {
  std::vector<std::string> items, names;
  for (size_t i = 0; i < source_columns.size(); ++i) {
    items.push_back(
        fmt::format("{} AS {}", sql::identifier(carried_.columns.at(i).name), sql::identifier(source_columns[i].name)));
  }
  for (const auto& one : judgement_.rules)
    names.push_back(
        fmt::format("CASE WHEN {} THEN {} ELSE '' END", holds(one.rule), sql::literal("; " + one.rule.name)));
  constexpr int kBehindMark = 3;  // the first "; "
  items.push_back(fmt::format("substr(concat({}, ''), {}) AS {}", fmt::join(names, ", "), kBehindMark,
                              sql::identifier(kChecksColumn)));
  items.push_back(fmt::format("{} AS {}", sql::identifier(carried_.columns.back().name), sql::identifier(kFileColumn)));
  return confined_->write(fmt::format("SELECT {} FROM {} AS source WHERE {}", fmt::join(items, ", "), view_, is_bad()),
                          options, {});
}

}  // namespace metl::pipeline
