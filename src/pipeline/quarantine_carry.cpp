#include "pipeline/quarantine_carry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "quality/row_rules.h"
#include "sql/names.h"
#include "sql/tokens.h"

namespace metl::pipeline {
namespace {

// No SELECT that gives each row once or not at all has one of these. What they miss the engine finds, by its plan.
constexpr std::array<std::string_view, 14> kNotRowWise{"with",      "join",    "group",       "having", "union",
                                                       "intersect", "except",  "qualify",     "limit",  "over",
                                                       "unnest",    "explode", "tablesample", "offset"};

Error refusal(const Definition& pipeline, const std::string& why, const std::string& hint) {
  return {Cause::kConfiguration,
          fmt::format("{}: rows cannot be set aside, as on_bad_rows asks for: {}", pipeline.checks_file, why), hint};
}

std::string lower(const sql::Token& token) { return text::to_lower(token.text); }

// Where the FROM of the only SELECT stands.
size_t from_of(const Definition& pipeline, const std::string& select) {
  const auto refuse = [&](size_t at, const std::string& why) {
    const auto [line, column] = text::position_of(select, at);
    return Error(Cause::kConfiguration, {pipeline.transform_file, line, column},
                 "rows cannot be set aside, as on_bad_rows in the checks asks for: " + why,
                 "Write the transform as one SELECT ... FROM source [WHERE ...] that gives each row once or not at "
                 "all, or take on_bad_rows out of the checks.");
  };
  size_t at = 0, from = std::string::npos;
  int depth = 0;
  std::string before;  // the last word or sign that is no blank
  bool begun = false;
  for (const auto& token : sql::tokens_of(select)) {
    const size_t place = at;
    at += token.text.size();
    if (token.is_blank()) continue;
    const std::string word = token.kind == sql::Token::Kind::kWord ? lower(token) : std::string();
    if (!begun && word != "select") throw refuse(place, "the transform does not begin with SELECT");
    if (begun && word == "select") throw refuse(place, "the transform has a second SELECT");
    begun = true;
    if (std::find(kNotRowWise.begin(), kNotRowWise.end(), word) != kNotRowWise.end())
      throw refuse(
          place,
          fmt::format("the transform has the word {}, so a row of it need not come from one raw row alone", word));
    if (word == "distinct" && before == "select")
      throw refuse(place, "the transform has DISTINCT, so a row of it may stand for several raw rows");
    if (token.text == "(") ++depth;
    if (token.text == ")") --depth;
    if (word == "from" && depth == 0 && before != "distinct" && from == std::string::npos) from = place;
    before = word.empty() ? std::string(token.text) : word;
  }
  if (from == std::string::npos) throw refuse(0, "the transform has no FROM");
  return from;
}

Carried with_raw_columns(const Definition& pipeline, const std::string& select, const std::string& origin) {
  Carried out;
  std::string list;
  const auto carry = [&](const std::string& name, const Type& type) {
    out.columns.push_back({fmt::format("{}carried_{}", sql::kReservedPrefix, out.columns.size()), type, true, ""});
    list += fmt::format(", {} AS {}", sql::identifier(name), out.columns.back().name);
  };
  for (const auto& column : pipeline.source.contents.columns) carry(column.name, column.type);
  carry(origin, *parse_type("string"));
  const size_t from = from_of(pipeline, select);
  out.select = fmt::format("{}{} {}", select.substr(0, from), list, select.substr(from));
  return out;
}

}  // namespace

std::optional<Carried> carried(engine::Engine& engine, const Definition& pipeline, const std::string& select) {
  if (!quality::have_row_rules({pipeline.checks_file})) return std::nullopt;
  if (engine.is_a_server())
    throw refusal(pipeline, "the Spark engine cannot do it yet", "Run the pipeline with --engine duckdb.");
  if (!pipeline.replaces_its_day()) {
    throw refusal(pipeline, "only a pipeline whose run replaces its day can do it yet",
                  fmt::format("Partition the target in {} by run_date alone, without mode: merge.", pipeline.file));
  }
  if (pipeline.gate == Gate::kAfterPublish)
    throw refusal(pipeline, "gate: after_publish judges rows when they are published already",
                  fmt::format("Take `gate` out of {}.", pipeline.file));
  std::vector<std::string> taken{kChecksColumn, kFileColumn, kSetAsideBy};
  taken.insert(taken.end(), pipeline.partition_columns.begin(), pipeline.partition_columns.end());
  for (const auto& name : taken) {
    if (find_field(pipeline.source.contents.columns, name) == nullptr) continue;
    throw refusal(
        pipeline, fmt::format("the source has a column '{}', as the quarantine has of its own", name),
        fmt::format("Leave it out of source.columns in {}, or name the target's column otherwise.", pipeline.file));
  }
  Carried out = with_raw_columns(pipeline, select, engine::kOriginColumn);
  Schema view = pipeline.source.contents.columns;
  view.push_back({engine::kOriginColumn, *parse_type("string"), true, ""});
  try {
    engine.confined({})->describe(view, out.select);
  } catch (const Error& e) {
    throw e.within(
        fmt::format("{}, with the raw columns beside its own, as on_bad_rows asks for", pipeline.transform_file));
  }
  return out;
}

Carried carried_again(const Definition& pipeline, const std::string& select, const std::string& origin) {
  return with_raw_columns(pipeline, select, origin);
}

}  // namespace metl::pipeline
