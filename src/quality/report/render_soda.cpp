#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "base/time.h"
#include "base/unicode.h"
#include "quality/model/timestamp.h"
#include "quality/report/finding.h"
#include "quality/report/soda.h"

namespace metl::quality {
namespace {

// As Python prints it.
std::string python_text(const Value& value) {
  if (is_null(value)) return "None";
  if (const auto* b = std::get_if<bool>(&value)) return *b ? "True" : "False";
  std::string text = to_text(value);
  const bool whole = std::holds_alternative<double>(value) && text.find_first_not_of("-0123456789") == text.npos;
  return whole ? text + ".0" : text;
}

std::string plural(size_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

// Where a text was first seen among others.
size_t rank_of(const std::string& text, std::vector<std::string>& seen) {
  const auto known = std::find(seen.begin(), seen.end(), text);
  if (known != seen.end()) return static_cast<size_t>(known - seen.begin());
  seen.push_back(text);
  return seen.size() - 1;
}

class Console {
 public:
  Console(const ScanResult& result, const SodaScan& scan, bool verbose)
      : result_(result),
        scan_(scan),
        verbose_(verbose),
        checks_(in_soda_order(result)),
        prefix_(fmt::format("[{}] ", iso_utc(scan.ended).substr(11, 8))) {}

  std::string print() {
    line(scan_.version);
    for (const auto& notice : result_.notices) message(notice);
    for (const auto& error : result_.errors) message(error);
    survey();
    line("Scan summary:");
    if (verbose_) queries();
    group(Outcome::kPass, "PASSED");
    group(Outcome::kWarn, "WARNED");
    group(Outcome::kFail, "FAILED");
    group(Outcome::kNotEvaluated, "NOT EVALUATED");
    if (checks_.empty()) line("No valid checks found, 0 checks evaluated.");
    const int not_evaluated = result_.count(Outcome::kNotEvaluated);
    if (not_evaluated > 0) line(fmt::format("{} checks not evaluated.", not_evaluated));
    if (!result_.errors.empty()) line(fmt::format("{} errors.", result_.errors.size()));
    if (!checks_.empty() || !result_.errors.empty()) line(soda_verdict(result_));
    if (!result_.errors.empty()) out_ += "ERRORS:\n";
    for (const auto& error : result_.errors) message(error);
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { out_ += prefix_ + text::printable(text) + "\n"; }

  void message(const ScanError& error) {
    const auto lines = text::split(text::trim(error.message), '\n');
    line(lines[0]);
    for (size_t i = 1; i < lines.size(); ++i) out_ += "  | " + text::printable(lines[i]) + "\n";
    if (error.location.line > 0) {
      out_ += fmt::format("  +-> line={},col={} in {}\n", error.location.line, error.location.column,
                          text::printable(error.location.file));
    }
  }

  void survey() {
    const auto part = [this](std::string_view running, std::string_view what, const auto& found) {
      if (found.empty()) return;
      line(fmt::format("Running {} for data source: {}", running, scan_.data_source));
      line(what);
      for (const auto& one : found) line("  - " + one.dataset);
    };
    part("discover datasets", "Discovering the following tables:", result_.survey.discovered);
    part("column profiling", "Profiling columns for the following tables:", result_.survey.profiles);
    part("sample tables", "Sampling the following tables:", result_.survey.samples);
  }

  void queries() {
    for (const bool failed : {false, true}) {
      const auto& all = result_.queries;
      const auto count =
          std::count_if(all.begin(), all.end(), [&](const auto& q) { return q.error.empty() != failed; });
      if (count == 0) continue;
      const std::string_view status = failed ? "ERROR" : "OK";
      line(fmt::format("{}/{} {} {}", count, all.size(), all.size() == 1 ? "query" : "queries", status));
      for (size_t i = 0; i < all.size(); ++i) {
        if (all[i].error.empty() == failed) continue;
        const std::chrono::microseconds duration(static_cast<int64_t>(all[i].seconds * 1e6));
        line(fmt::format("  {} [{}] {}", soda_query_name(i + 1, all[i], scan_), status, duration_text(duration)));
        if (failed) line(fmt::format("    {}: {}", all[i].sql, all[i].error));
      }
    }
  }

  void group(Outcome outcome, std::string_view word) {
    const int count = result_.count(outcome);
    if (count == 0) return;
    line(fmt::format("{}/{} {} {}: ", count, checks_.size(), checks_.size() == 1 ? "check" : "checks", word));
    std::vector<std::string> titles;
    std::vector<std::vector<const CheckResult*>> of_title;
    std::vector<const CheckResult*> of_none;
    for (const auto* check : checks_) {
      if (check->outcome != outcome) continue;
      const size_t title = check->dataset.empty() ? 0 : rank_of(title_of(*check), titles);
      if (title == of_title.size()) of_title.emplace_back();
      (check->dataset.empty() ? of_none : of_title[title]).push_back(check);
    }
    for (size_t i = 0; i < titles.size(); ++i) {
      line(fmt::format("    {} in {}", titles[i], scan_.data_source));
      for (const auto* check : of_title[i]) one(*check, "      ", word);
    }
    for (const auto* check : of_none) one(*check, "    ", word);
  }

  void one(const CheckResult& check, std::string_view indent, std::string_view word) {
    const std::string file = verbose_ ? fmt::format("[{}] ", check.location.file) : "";
    line(fmt::format("{}{} {}[{}]", indent, check.name, file, word));
    if (check.outcome == Outcome::kPass && !verbose_) return;
    for (const auto& [key, text] : check.diagnostics) {
      const bool is_value = key == "check_value" || key == "value";
      const std::string shown = is_value ? python_text(check.value) : text == to_text(Value{}) ? "None" : text;
      const bool list = check.metric == "schema";
      // A schema's lines have a form of their own: "missing_column_names = [a]", "type_mismatch[a] expected(..) ...".
      line(fmt::format("{}  {}{}{}", indent, key, !list ? ": " : key.ends_with(']') ? " " : " = ", shown));
    }
  }

  const ScanResult& result_;
  const SodaScan& scan_;
  bool verbose_;
  std::vector<const CheckResult*> checks_;
  std::string prefix_;
  std::string out_;
};

}  // namespace

std::vector<const CheckResult*> in_soda_order(const ScanResult& result) {
  std::vector<std::string> datasets{""};
  std::vector<std::string> partitions;
  std::map<std::string, std::vector<std::string>> columns;  // of a dataset and filter
  for (const auto& [dataset, partition] : result.mentions) {
    CheckResult mentioned;
    rank_of(dataset, datasets);
    if (!partition) continue;
    mentioned.dataset = dataset;
    mentioned.partition = *partition;
    rank_of(title_of(mentioned), partitions);
  }
  using Rank = std::tuple<bool, size_t, size_t, size_t>;
  std::vector<std::pair<Rank, const CheckResult*>> ranked;
  for (const auto& check : result.checks) {
    // A reference is none of its column's checks, and what a group by finds comes at the very end.
    const std::string column = check.metric == "reference" ? "" : check.column;
    auto& known = columns.try_emplace(title_of(check), std::vector<std::string>{""}).first->second;
    ranked.emplace_back(Rank{check.origin.group.has_value(), rank_of(check.dataset, datasets),
                             rank_of(title_of(check), partitions), rank_of(column, known)},
                        &check);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const CheckResult*> out;
  for (const auto& [rank, check] : ranked) out.push_back(check);
  return out;
}

std::string soda_query_name(size_t index, const QueryRun& query, const SodaScan& scan) {
  std::string out = fmt::format("{}.{}", index, scan.data_source);
  if (!query.dataset.empty()) out += "." + query.dataset;
  if (!query.partition.empty()) out += fmt::format("[{}]", query.partition);
  return out + "." + query.name;
}

std::string soda_verdict(const ScanResult& result) {
  const auto count = [&](Outcome outcome) { return static_cast<size_t>(result.count(outcome)); };
  const size_t errors = result.errors.size();
  const std::string error_text = plural(errors, "error");
  const std::string fail_text = plural(count(Outcome::kFail), "failure");
  const std::string warn_text = plural(count(Outcome::kWarn), "warning");
  const size_t pass = count(Outcome::kPass);
  if (errors > 0) return fmt::format("Oops! {}. {}. {}. {} pass.", error_text, fail_text, warn_text, pass);
  if (count(Outcome::kFail) > 0)
    return fmt::format("Oops! {}. {}. {}. {} pass.", fail_text, warn_text, error_text, pass);
  if (count(Outcome::kWarn) > 0)
    return fmt::format("Only {}. {}. {}. {} pass.", warn_text, fail_text, error_text, pass);
  return count(Outcome::kNotEvaluated) > 0
             ? "Apart from the checks that have not been evaluated, no failures, no warnings and no errors."
             : "All is good. No failures. No warnings. No errors.";
}

std::string render_soda(const ScanResult& result, const SodaScan& scan, bool verbose) {
  return Console(result, scan, verbose).print();
}

}  // namespace metl::quality
