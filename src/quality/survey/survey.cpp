#include "quality/survey/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "quality/model/pattern.h"
#include "quality/plan/guarded.h"

namespace metl::quality {
namespace {

constexpr int kMostExtremes = 5;
constexpr int kMostFrequent = 10;
constexpr int64_t kMostBins = 20;

bool is_text(const Type& type) { return type.kind == Type::Kind::kString; }

// As written in a result, so that 2 digits are exactly what is compared with.
double rounded(double number) { return std::strtod(fmt::format("{:.2f}", number).c_str(), nullptr); }

class Surveyor {
 public:
  Surveyor(const SensitiveColumns& sensitive, const DataAccess& data, Findings& findings,
           std::vector<QueryRun>& queries)
      : sensitive_(sensitive), data_(data), findings_(findings), queries_(queries) {}

  void look(const SurveySection& section) {
    section_ = &section;
    guarded(findings_.errors, section_->at, [&] {
      if (!data_.datasets)
        throw Problem{section.at,
                      fmt::format("not supported here: '{}', as the datasets are not known by name", section.title)};
      std::vector<std::string> names = data_.datasets();
      std::sort(names.begin(), names.end());
      bool any = false;
      for (const auto& name : names) {
        if (section.kind != SurveySection::Kind::kProfile && !is_meant(section.patterns, name)) continue;
        guarded(findings_.errors, section_->at, [&] { any |= look(section, name); });
      }
      if (!any) note(section.at, fmt::format("'{}' matches nothing", section.title));
    });
  }
  Survey result() { return std::move(out_); }

 private:
  void note(const Location& at, std::string message) { findings_.notices.push_back({at, std::move(message)}); }

  // False when no column of the dataset is meant.
  bool look(const SurveySection& section, const std::string& name) {
    const auto view = data_.view_of(name);
    if (!view) return false;
    const Schema schema = data_.schema_of(*view);
    if (section.kind == SurveySection::Kind::kDiscover) {
      out_.discovered.push_back({name, schema});
    } else if (section.kind == SurveySection::Kind::kSample) {
      out_.samples.push_back({name, "SELECT * FROM " + *view, "", {}});
    } else {
      Schema columns;
      for (const auto& column : schema) {
        if (is_meant(section.patterns, fmt::format("{}.{}", name, column.name))) columns.push_back(column);
      }
      if (columns.empty()) return false;
      profile(section.at, name, *view, columns);
    }
    return true;
  }

  void profile(const Location& at, const std::string& name, const std::string& view, const Schema& columns) {
    DatasetProfile out{name, 0, {}};
    for (const auto& column : columns) {
      if (column.type.is_number() || is_text(column.type)) {
        out.columns.push_back({column, {}, {}, {}, {}, {}, {}});
      } else {
        note(at, fmt::format("column '{}.{}' is {}; profiled are numbers and texts", name, column.name,
                             type_name(column.type)));
      }
    }
    try {
      add_figures(view, out, 0, out.columns.size());
    } catch (const Error& e) {
      if (e.cause() == Cause::kInterrupted) throw;
      // Each alone, so that a bad one costs the others nothing.
      for (size_t i = 0; i < out.columns.size(); ++i)
        guarded(findings_.errors, section_->at, [&] { add_figures(view, out, i, 1); });
    }
    for (auto& column : out.columns) {
      if (!column.figures.empty() && !sensitive_.hold(column.column))
        guarded(findings_.errors, section_->at, [&] { values(name, view, column); });
    }
    std::erase_if(out.columns, [](const auto& column) { return column.figures.empty(); });
    out_.profiles.push_back(std::move(out));
  }

  // The aggregates of `count` columns from `first` on.
  void add_figures(const std::string& view, DatasetProfile& out, size_t first, size_t count) {
    std::vector<std::string> expressions{"COUNT(*)"};
    for (size_t i = first; i < first + count; ++i) {
      const Field& column = out.columns[i].column;
      for (const auto& figure : figures_of(column))
        expressions.push_back(fmt::format(fmt::runtime(figure.second), data_.dialect.identifier(column.name)));
    }
    const Rows rows =
        asked(out.dataset, "profile", fmt::format("SELECT {} FROM {}", fmt::join(expressions, ",\n  "), view));
    const auto& row = rows.rows.at(0);
    out.rows = static_cast<int64_t>(as_number(row.at(0)).value_or(0));
    size_t next = 1;
    for (size_t i = first; i < first + count; ++i) {
      for (const auto& figure : figures_of(out.columns[i].column))
        out.columns[i].figures.emplace_back(figure.first, row.at(next++));
    }
  }

  using Figures = std::vector<std::pair<const char*, const char*>>;

  // Soda Core's name of each figure, and its SQL: {} is the column. An average is made of values (of a single row, it
  // is one), so of a sensitive column only counts and lengths are shown.
  const Figures& figures_of(const Field& column) const {
    static const Figures kNumber{
        {"avg", "AVG({})"},           {"sum", "CAST(SUM({}) AS DOUBLE)"}, {"stddev", "STDDEV_SAMP({})"},
        {"variance", "VAR_SAMP({})"}, {"distinct", "COUNT(DISTINCT {})"}, {"missing_count", "COUNT(*) - COUNT({})"}};
    static const Figures kSensitiveNumber(kNumber.end() - 2, kNumber.end());
    static const Figures kText{{"distinct", "COUNT(DISTINCT {})"},
                               {"missing_count", "COUNT(*) - COUNT({})"},
                               {"avg_length", "AVG(LENGTH({}))"},
                               {"min_length", "MIN(LENGTH({}))"},
                               {"max_length", "MAX(LENGTH({}))"}};
    if (is_text(column.type)) return kText;
    return sensitive_.hold(column) ? kSensitiveNumber : kNumber;
  }

  // Which values there are, and for numbers how they spread.
  void values(const std::string& name, const std::string& view, ColumnProfile& out) {
    const std::string column = data_.dialect.identifier(out.column.name);
    const bool number = out.column.type.is_number();
    std::string sql = fmt::format(
        "WITH found AS (SELECT {0} AS value, COUNT(*) AS frequency FROM {1} WHERE {0} IS NOT NULL GROUP BY {0})\n",
        column, view);
    const auto part = [](std::string_view kind, std::string_view order, int most) {
      return fmt::format("SELECT * FROM (SELECT '{}' AS kind, value, frequency FROM found ORDER BY {} LIMIT {}) AS {}",
                         kind, order, most, kind);
    };
    sql += part("frequent", "frequency DESC, value", kMostFrequent);
    if (number) {
      sql += "\nUNION ALL " + part("mins", "value", kMostExtremes) + "\nUNION ALL " +
             part("maxs", "value DESC", kMostExtremes);
    }
    for (const auto& row : asked(name, "profile-values", sql).rows) {
      const std::string kind = to_text(row.at(0));
      if (kind == "frequent")
        out.frequent.emplace_back(row.at(1), static_cast<int64_t>(as_number(row.at(2)).value_or(0)));
      else
        (kind == "mins" ? out.mins : out.maxs).push_back(row.at(1));
    }
    const auto ascending = [](const Value& a, const Value& b) { return as_number(a) < as_number(b); };
    std::sort(out.mins.begin(), out.mins.end(), ascending);
    std::sort(out.maxs.rbegin(), out.maxs.rend(), ascending);
    std::stable_sort(out.frequent.begin(), out.frequent.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    if (number && !out.mins.empty()) histogram(name, view, column, out);
  }

  void histogram(const std::string& name, const std::string& view, const std::string& column, ColumnProfile& out) {
    const double low = as_number(out.mins.front()).value_or(0);
    const double high = as_number(out.maxs.front()).value_or(0);
    int64_t distinct = 0;
    for (const auto& [figure, value] : out.figures) {
      if (figure == "distinct") distinct = static_cast<int64_t>(as_number(value).value_or(0));
    }
    if (!std::isfinite(low) || !std::isfinite(high) || low >= high) return;
    const int64_t bins = std::clamp<int64_t>(distinct, 2, kMostBins);
    for (int64_t i = 0; i < bins; ++i)
      out.boundaries.push_back(rounded(low + static_cast<double>(i) * (high - low) / static_cast<double>(bins - 1)));
    std::vector<std::string> counts;
    for (size_t i = 0; i < out.boundaries.size(); ++i) {
      std::vector<std::string> within{fmt::format("{} IS NOT NULL", column)};
      if (i > 0) within.push_back(fmt::format("{} >= {}", column, out.boundaries[i]));
      if (i + 1 < out.boundaries.size()) within.push_back(fmt::format("{} < {}", column, out.boundaries[i + 1]));
      counts.push_back(count_sql(fmt::format("{}", fmt::join(within, " AND "))));
    }
    const Rows rows =
        asked(name, "profile-histogram", fmt::format("SELECT {} FROM {}", fmt::join(counts, ",\n  "), view));
    for (const auto& count : rows.rows.at(0))
      out.frequencies.push_back(static_cast<int64_t>(as_number(count).value_or(0)));
  }

  Rows asked(const std::string& dataset, const std::string& kind, const std::string& sql) {
    queries_.push_back({fmt::format("{}[{}]", kind, runs_[{dataset, kind}]++), dataset, "", sql, 0, ""});
    QueryRun& run = queries_.back();
    const Stopwatch clock;
    try {
      Rows rows = data_.query(sql);
      run.seconds = clock.seconds();
      return rows;
    } catch (const Error& e) {
      run.error = e.message();
      throw;
    }
  }

  const SensitiveColumns& sensitive_;
  const DataAccess& data_;
  Findings& findings_;
  std::vector<QueryRun>& queries_;
  const SurveySection* section_ = nullptr;  // the one that is being looked at
  std::map<std::pair<std::string, std::string>, int> runs_;
  Survey out_;
};

}  // namespace

Survey take_survey(const std::vector<SurveySection>& sections, const SensitiveColumns& sensitive,
                   const DataAccess& data, Findings& findings, std::vector<QueryRun>& queries) {
  Surveyor surveyor(sensitive, data, findings, queries);
  for (const auto& section : sections) surveyor.look(section);
  return surveyor.result();
}

}  // namespace metl::quality
