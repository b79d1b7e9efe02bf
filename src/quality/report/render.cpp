#include "quality/report/render.h"

#include <fmt/format.h>

#include <array>

#include "base/unicode.h"
#include "quality/report/finding.h"

namespace metl::quality {
namespace {

constexpr size_t kLongestValue = 60;  // bytes, of a failing row's value

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

// A value of a row, cut where it would fill the line.
std::string short_text(const Value& value) {
  std::string out = text::printable(to_text(value));
  if (out.size() <= kLongestValue) return out;
  return text::valid_utf8(out.substr(0, kLongestValue)) + "...";
}

// The first of the rows that do not satisfy the check, and where more of them are.
std::string sample_of(const CheckResult& check) {
  std::string out;
  const Rows& rows = check.sample_preview;
  for (const auto& row : rows.rows) {
    std::vector<std::string> parts;
    for (size_t i = 0; i < row.size(); ++i)
      parts.push_back(fmt::format("{} {}", text::printable(rows.columns[i].name), short_text(row[i])));
    out += fmt::format("            {}\n", fmt::join(parts, ", "));
  }
  if (!check.sample_file.empty()) out += fmt::format("          sample  {}\n", text::printable(check.sample_file));
  return out;
}

std::string line_of(const CheckResult& check, bool colour) {
  const Style style = check.warming_up ? Style{"warming up", "\033[33m"} : style_of(check.outcome);
  std::string out = fmt::format("  {}  {}", painted(style.word, style.colour, colour), text::printable(check.name));
  if (check.outcome == Outcome::kPass) return out + "\n";
  if (check.is_bad()) {
    if (!check.name.ends_with('.')) out += '.';
    out += "  " + text::printable(finding_of(check));
  }
  return fmt::format("{}   {}\n", out, text::printable(to_text(check.location))) + sample_of(check);
}

nlohmann::json json_of(const Value& value) {
  return std::visit(
      [](const auto& v) -> nlohmann::json {
        using V = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<V, std::monostate>)
          return nullptr;
        else if constexpr (std::is_same_v<V, std::string>)
          return text::valid_utf8(v);
        else
          return v;
      },
      value);
}

nlohmann::json json_of(const CheckResult& check) {
  nlohmann::json out = {{"name", text::valid_utf8(check.name)},
                        {"dataset", text::valid_utf8(check.dataset)},
                        {"metric", text::valid_utf8(check.metric)},
                        {"outcome", to_text(check.outcome)},
                        {"value", json_of(check.value)},
                        {"location", text::valid_utf8(to_text(check.location))}};
  for (const auto& [key, text] : {std::pair{"partition", &check.partition},
                                  {"column", &check.column},
                                  {"threshold", &check.threshold},
                                  {"identity", &check.identity},
                                  {"sample_file", &check.sample_file}}) {
    if (!text->empty()) out[key] = text::valid_utf8(*text);
  }
  if (check.warming_up) out["warming_up"] = true;
  for (const auto& [key, text] : check.diagnostics) out["diagnostics"][text::valid_utf8(key)] = text::valid_utf8(text);
  for (const auto& [key, text] : check.attributes) out["attributes"][text::valid_utf8(key)] = text::valid_utf8(text);
  return out;
}

}  // namespace

std::string render_text(const ScanResult& result, bool colour) {
  std::string out;
  std::string title;
  for (const auto& check : result.checks) {
    if (title_of(check) != title) {
      title = title_of(check);
      out += text::printable(title) + "\n";
    }
    out += line_of(check, colour);
  }
  out += render_text(result.survey);
  for (const auto& error : result.errors) {
    out += fmt::format("{}  {}", painted("ERROR", "\033[31m", colour), message_of(error));
  }
  for (const auto& notice : result.notices) out += "note  " + message_of(notice);
  return out + summary_of(result) + "\n";
}

nlohmann::json to_json(const ScanResult& result) {
  nlohmann::json out;
  constexpr std::array<std::string_view, 4> kWords{"pass", "warn", "fail", "error"};
  out["outcome"] = kWords.at(static_cast<size_t>(result.soda_exit_code()));
  out["counts"] = {{"pass", result.count(Outcome::kPass)},
                   {"warn", result.count(Outcome::kWarn)},
                   {"fail", result.count(Outcome::kFail)},
                   {"not_evaluated", result.count(Outcome::kNotEvaluated)},
                   {"errors", result.errors.size()}};
  out["checks"] = nlohmann::json::array();
  for (const auto& check : result.checks) out["checks"].push_back(json_of(check));
  if (!result.survey.empty()) out["survey"] = to_json(result.survey);
  out["errors"] = nlohmann::json::array();
  for (const auto& error : result.errors) {
    out["errors"].push_back(
        {{"location", text::valid_utf8(to_text(error.location))}, {"message", text::valid_utf8(error.message)}});
  }
  return out;
}

}  // namespace metl::quality
