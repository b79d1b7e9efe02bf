#include "quality/render.h"

#include <fmt/format.h>

#include "base/text.h"

namespace metl::quality {
namespace {

struct Style {
  std::string_view word;
  std::string_view colour;  // ANSI
};

Style style_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return {"passed", "\033[32m"};
    case Outcome::kWarn:
      return {"WARNED", "\033[33m"};
    case Outcome::kFail:
      return {"FAILED", "\033[31m"};
    case Outcome::kNotEvaluated:
      break;
  }
  return {"NOT EVALUATED", "\033[31m"};
}

std::string painted(std::string_view text, std::string_view colour, bool on) {
  return on ? fmt::format("{}{}\033[0m", colour, text) : std::string(text);
}

std::string title_of(const CheckResult& check) {
  if (check.dataset.empty()) return "the data source";
  return check.partition.empty() ? check.dataset : fmt::format("{} [{}]", check.dataset, check.partition);
}

// "invalid_count(rating) = 3, must be = 0": what a bad check found.
std::string finding_of(const CheckResult& check) {
  if (check.metric == "schema") {
    std::vector<std::string> lines;
    for (const auto& [key, value] : check.diagnostics) {
      if (key != "schema_measured") lines.push_back(fmt::format("{} {}", key, value));
    }
    return fmt::format("{}", fmt::join(lines, ", "));
  }
  std::string value = to_text(check.value);
  for (const auto& [key, text] : check.diagnostics) {
    if (key == "freshness") value = text;
  }
  return fmt::format("{} = {}{}{}", check.measured, value, check.threshold.empty() ? "" : ", ", check.threshold);
}

std::string line_of(const CheckResult& check, bool colour) {
  const Style style = style_of(check.outcome);
  std::string out = fmt::format("  {}  {}", painted(style.word, style.colour, colour), check.name);
  if (check.outcome == Outcome::kPass) return out + "\n";
  if (check.outcome != Outcome::kNotEvaluated) {
    if (!check.name.ends_with('.')) out += '.';
    out += "  " + finding_of(check);
  }
  return fmt::format("{}   {}\n", out, to_text(check.location));
}

std::string counted(int count, std::string_view what) { return fmt::format("{} {}", count, what); }

}  // namespace

std::string render_text(const ScanResult& result, bool colour) {
  std::string out;
  std::string title;
  for (const auto& check : result.checks) {
    if (title_of(check) != title) {
      title = title_of(check);
      out += title + "\n";
    }
    out += line_of(check, colour);
  }
  for (const auto& error : result.errors) {
    out += fmt::format("{}  {}: {}\n", painted("ERROR", "\033[31m", colour), to_text(error.location), error.message);
  }
  for (const auto& notice : result.notices)
    out += fmt::format("note  {}: {}\n", to_text(notice.location), notice.message);
  std::vector<std::string> parts;
  for (const auto& [outcome, word] : {std::pair{Outcome::kPass, "passed"},
                                      {Outcome::kWarn, "warned"},
                                      {Outcome::kFail, "failed"},
                                      {Outcome::kNotEvaluated, "not evaluated"}}) {
    if (result.count(outcome) > 0) parts.push_back(counted(result.count(outcome), word));
  }
  if (!result.errors.empty())
    parts.push_back(counted(static_cast<int>(result.errors.size()), result.errors.size() == 1 ? "error" : "errors"));
  const auto total = static_cast<int>(result.checks.size());
  return fmt::format("{}{}{}{}\n", out, counted(total, total == 1 ? "check" : "checks"), parts.empty() ? "" : ": ",
                     fmt::join(parts, ", "));
}

nlohmann::json to_json(const ScanResult& result) {
  const auto json_of = [](const Value& value) -> nlohmann::json {
    return std::visit(
        [](const auto& v) -> nlohmann::json {
          if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>)
            return nullptr;
          else
            return v;
        },
        value);
  };
  const auto word_of = [](Outcome outcome) -> std::string {
    switch (outcome) {
      case Outcome::kPass:
        return "pass";
      case Outcome::kWarn:
        return "warn";
      case Outcome::kFail:
        return "fail";
      case Outcome::kNotEvaluated:
        break;
    }
    return "not_evaluated";
  };
  nlohmann::json out;
  constexpr std::array<std::string_view, 4> kWords{"pass", "warn", "fail", "error"};
  out["outcome"] = kWords.at(static_cast<size_t>(result.soda_exit_code()));
  out["counts"] = {{"pass", result.count(Outcome::kPass)},
                   {"warn", result.count(Outcome::kWarn)},
                   {"fail", result.count(Outcome::kFail)},
                   {"not_evaluated", result.count(Outcome::kNotEvaluated)},
                   {"errors", result.errors.size()}};
  out["checks"] = nlohmann::json::array();
  for (const auto& check : result.checks) {
    nlohmann::json one = {{"name", check.name},
                          {"dataset", check.dataset},
                          {"metric", check.metric},
                          {"outcome", word_of(check.outcome)},
                          {"value", json_of(check.value)},
                          {"location", to_text(check.location)}};
    for (const auto& [key, text] : {std::pair{"partition", &check.partition},
                                    {"column", &check.column},
                                    {"threshold", &check.threshold},
                                    {"identity", &check.identity}}) {
      if (!text->empty()) one[key] = *text;
    }
    for (const auto& [key, text] : check.diagnostics) one["diagnostics"][key] = text;
    for (const auto& [key, text] : check.attributes) one["attributes"][key] = text;
    out["checks"].push_back(std::move(one));
  }
  out["errors"] = nlohmann::json::array();
  for (const auto& error : result.errors)
    out["errors"].push_back({{"location", to_text(error.location)}, {"message", error.message}});
  return out;
}

}  // namespace metl::quality
