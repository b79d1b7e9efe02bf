#include "quality/plan/plan_distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "base/text.h"
#include "base/yaml.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

namespace fs = std::filesystem;

// Reads one reference, or that of a name among several.
class ReferenceReader {
 public:
  ReferenceReader(std::string file, Location at) : file_(std::move(file)), at_(std::move(at)) {}

  Distribution read(const std::string& name) {
    yaml::Node root = yaml::load_file(file_);
    if (!root.is_map()) throw problem("it holds no reference");
    if (!name.empty()) {
      root = root[name];
      if (!root.is_defined() || !root.is_map()) throw problem(fmt::format("it holds no reference '{}'", name));
    } else if (std::all_of(root.begin(), root.end(), [](const auto& entry) { return entry.second.is_map(); })) {
      throw problem("it holds named references: name one, as in distribution_difference(column, name)");
    }
    const std::string kind = root["distribution_type"].text();
    if (kind != "continuous" && kind != "categorical")
      throw problem(fmt::format("its 'distribution_type' is '{}', not continuous or categorical", kind));
    yaml::Node reference = root["distribution_reference"];
    if (!reference.is_defined()) reference = root["distribution reference"];
    if (!reference.is_defined() || !reference.is_map())
      throw problem("it has no 'distribution_reference' with 'bins' and 'weights'; 'soda update-dro' makes one");
    return of(kind == "categorical", reference["bins"], reference["weights"]);
  }

 private:
  Problem problem(const std::string& what) const {
    return {at_, fmt::format("the distribution reference file {}: {}", file_, what)};
  }

  Distribution of(bool categorical, const yaml::Node& bins, const yaml::Node& weights) const {
    if (!bins.is_defined() || !weights.is_defined() || !bins.is_sequence() || !weights.is_sequence() ||
        bins.size() == 0 || bins.size() != weights.size())
      throw problem("'bins' and 'weights' must be lists of the same length");
    Distribution out;
    out.categorical = categorical;
    for (size_t i = 0; i < bins.size(); ++i) {
      out.weights.push_back(number(weights[i], "a weight"));
      if (categorical)
        out.categories.push_back(bins[i].is_null() ? Value{} : category(bins[i]));
      else
        out.edges.push_back(number(bins[i], "a bin"));
    }
    if (std::abs(std::accumulate(out.weights.begin(), out.weights.end(), 0.0) - 1) > 1.5e-3)
      throw problem("the sum of its weights is not 1");
    if (!std::is_sorted(out.edges.begin(), out.edges.end())) throw problem("its bins are not in order");
    return out;
  }
  double number(const yaml::Node& node, std::string_view what) const {
    const auto out = node.is_scalar() ? parse_number(node.text()) : std::nullopt;
    if (!out) throw problem(fmt::format("{} is not a number", what));
    return *out;
  }
  Value category(const yaml::Node& node) const {
    if (!node.is_scalar()) throw problem("a category is not a plain value");
    const auto known = node.is_quoted() ? std::nullopt : parse_number(node.text());
    return known ? Value(*known) : Value(node.text());
  }

  std::string file_;
  Location at_;
};

std::string path_of(const Text& file) {
  const fs::path beside = fs::path(file.at.file).parent_path() / file.text;
  std::error_code failed;
  return fs::is_regular_file(beside, failed) ? beside.string() : file.text;
}

// The dataset, or the part of it that a sample clause takes.
std::string rows_of(const Source& source, const std::optional<Text>& sample, const Variables& variables) {
  if (!sample) return source.view;
  const std::string clause = variables.fill(*sample);
  if (!text::to_lower(text::trim(clause)).starts_with("tablesample"))
    throw Problem{sample->at, fmt::format("'sample: {}' is none, as TABLESAMPLE BERNOULLI (10 PERCENT) is", clause)};
  return embed(fmt::format("SELECT * FROM {} {}", source.view, clause), sample->at) + " AS sampled";
}

std::vector<double> numbers_of(const Rows& rows) {
  std::vector<double> out;
  for (const auto& row : rows.rows) {
    const auto number = as_number(row.at(0));
    if (number && !std::isnan(*number)) out.push_back(*number);
  }
  return out;
}
std::vector<std::pair<Value, double>> counts_of(const Rows& rows) {
  std::vector<std::pair<Value, double>> out;
  for (const auto& row : rows.rows) out.emplace_back(row.at(0), as_number(row.at(1)).value_or(0));
  return out;
}

}  // namespace

DistributionPlan plan_distribution(const Check& check, const MetricBody& body, const std::string& filter,
                                   const MetricContext& context, Measurement& values) {
  const auto& arguments = body.line.metric.arguments;
  const auto& settings = body.distribution;
  if (arguments.empty() || arguments.size() > 2) {
    throw Problem{check.at,
                  "distribution_difference needs a column and, where its file holds several, a reference's name"};
  }
  if (!settings.file) {
    throw Problem{check.at,
                  "distribution_difference needs a 'distribution reference file', as soda update-dro makes it"};
  }
  const Text file{context.variables.fill(*settings.file), settings.file->at};
  const std::string name = arguments.size() == 2 ? arguments[1].text : "";
  DistributionPlan out{"", ReferenceReader(path_of(file), file.at).read(name)};
  const auto& methods = methods_of(out.reference);
  out.method = settings.method ? std::string(text::trim(context.variables.fill(*settings.method))) : methods.front();
  if (std::find(methods.begin(), methods.end(), out.method) == methods.end()) {
    throw Problem{settings.method->at,
                  fmt::format("method '{}' does not go with a {} reference; {} do", out.method,
                              out.reference.categorical ? "categorical" : "continuous", fmt::join(methods, ", "))};
  }
  const Source& source = context.source;
  const Column column = find_column(source.schema, context.variables.fill(arguments[0].text, check.at), context.dialect,
                                    source.dataset, check.at);
  if (!out.reference.categorical && !column.type.is_number()) {
    throw Problem{check.at, fmt::format("column '{}' is {}, but a continuous reference is about numbers", column.name,
                                        type_name(column.type))};
  }
  const std::string rows = rows_of(source, settings.sample, context.variables);
  std::string where = both(source.where, filter);
  if (!out.reference.categorical) where = both(where, column.sql + " IS NOT NULL");
  values.kind = Measurement::Kind::kRows;
  values.sql =
      fmt::format("SELECT {}{} FROM {}{}{}", column.sql, out.reference.categorical ? ", COUNT(*)" : "", rows,
                  where.empty() ? "" : " WHERE " + where, out.reference.categorical ? " GROUP BY " + column.sql : "");
  if (out.reference.categorical || !settings.sample) values.sql += fmt::format(" LIMIT {}", kMostValues);
  return out;
}

double difference_of(const DistributionPlan& plan, const Rows& rows) {
  return plan.reference.categorical ? difference_of(plan.method, plan.reference, counts_of(rows))
                                    : difference_of(plan.method, plan.reference, numbers_of(rows));
}

}  // namespace metl::quality
