#include "quality/plan/variables.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>

#include "base/text.h"
#include "quality/model/timestamp.h"

namespace metl::quality {
namespace {

std::optional<std::string> from_environment(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program writes to the environment
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::optional<std::string> find_in(const std::map<std::string, std::string>& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) != 0) return false;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return false;
  }
  return true;
}

// 'text' or "text" without its quotes; empty when it is none.
std::optional<std::string> unquote(std::string_view text) {
  text = text::trim(text);
  if (text.size() < 2 || (text[0] != '\'' && text[0] != '"') || text.back() != text[0]) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (text.find_first_of("'\"\\") != std::string_view::npos) return std::nullopt;
  return std::string(text);
}

// "2021-01-01", "2021/01/01", "20210101", "2021-01-01T12:34:56Z".
bool is_time(const std::string& text) { return parse_timestamp(text::replace_all(text, "/", "-")).has_value(); }

}  // namespace

Variables::Variables(std::map<std::string, std::string> given, std::chrono::system_clock::time_point now, bool compat)
    : given_(std::move(given)), compat_(compat) {
  const auto time = std::chrono::time_point_cast<std::chrono::microseconds>(now);
  declared_["NOW"] = text::replace_all(timestamp_text(time), " ", "T") + "+00:00";
  if (!compat_) return;
  for (const auto& [name, value] : given_) declared_[name] = value;  // until a file declares it
}

Variables Variables::without_times() const {
  Variables out = *this;
  out.times_stay_ = true;
  return out;
}

void Variables::declare(const std::string& name, const Text& value) { declared_[name] = fill(value); }

std::optional<std::string> Variables::find(const std::string& name) const {
  if (!bound_.first.empty() && bound_.first == name) return bound_.second;
  if (!compat_) {
    if (auto given = find_in(given_, name)) return given;
  }
  if (auto exported = from_environment(name)) return exported;
  return find_in(declared_, name);
}

std::string Variables::fill(const std::string& text, const Location& at) const {
  std::string out;
  size_t from = 0;
  for (size_t open = text.find("${"); open != std::string::npos; open = text.find("${", from)) {
    const size_t close = text.find('}', open);
    if (close == std::string::npos) throw Problem{at, "'${' is not closed by '}'"};
    out.append(text, from, open - from);
    out += evaluate(text::trim(std::string_view(text).substr(open + 2, close - open - 2)), at);
    from = close + 1;
  }
  return out.append(text, from);
}

std::string Variables::evaluate(std::string_view expression, const Location& at) const {
  std::string name(expression);
  std::optional<std::string> fallback;
  if (expression.starts_with("env_var(") && expression.ends_with(')')) {
    const auto arguments = text::split(expression.substr(8, expression.size() - 9), ',');
    const auto variable = unquote(arguments[0]);
    if (arguments.size() == 2) fallback = unquote(arguments[1]);
    if (!variable || arguments.size() > 2 || (arguments.size() == 2 && !fallback)) {
      throw Problem{at, fmt::format("${{{}}} is not of the form ${{env_var('NAME', 'default')}}", expression)};
    }
    name = *variable;
  } else if (!is_name(expression)) {
    throw Problem{
        at, fmt::format("not supported: '{}' in ${{...}}; a variable's name or env_var('NAME', 'default') can stand "
                        "there",
                        expression)};
  }
  auto value = find(name);
  if (!value) value = fallback;
  if (value && times_stay_ && is_time(*value)) return fmt::format("${{{}}}", name);
  if (value) return *value;
  if (compat_) return "";
  std::vector<std::string> known;
  for (const auto* map : {&given_, &declared_}) {
    for (const auto& [key, value] : *map) known.push_back(key);
  }
  throw Problem{
      at, fmt::format("variable '{}' is not defined.{} Give it with -v {}=VALUE or declare it under 'variables:'.",
                      name, text::did_you_mean(name, known), name)};
}

}  // namespace metl::quality
