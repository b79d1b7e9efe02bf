#include "cli/flag_values.h"

#include "app/embedded_engine.h"
#include "base/text.h"

namespace metl::cli {

int64_t count(const std::string& text) { return number<int64_t>(text, 0, std::numeric_limits<int64_t>::max()); }

std::chrono::seconds duration(const std::string& text) {
  int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit(end, text.data() + text.size());
  const int64_t seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
  if (failed == std::errc() && value >= 0 && value < 1'000'000 && seconds > 0)
    return std::chrono::seconds(value * seconds);
  throw Error(Cause::kUsage, fmt::format("'{}' is no duration", text), "Give one such as 90s, 30m, 2h or 1d.");
}

void store_setting(Invocation& out, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(Cause::kUsage, "what is given is not KEY=VALUE", "For example: --set data.raw.location=/data/raw");
  }
  out.overrides.push_back({text.substr(0, equals), text.substr(equals + 1), "--set"});
}

std::pair<std::string, std::string> name_and_value(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(Cause::kUsage, fmt::format("'{}' is not NAME=VALUE", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Date parse_day(const std::string& text) {
  const auto days = parse_days(text);
  if (days.size() != 1) throw Error(Cause::kUsage, fmt::format("'{}' is more than one day", text));
  return days.front();
}

void store_check_format(Invocation& out, const std::string& text) {
  out.check_format = text;
  out.output_json = text == "json";
}

void store_memory_limit(Invocation& out, const std::string& text) {
  if (text::parse_bytes(text) <= 0) {
    throw Error(Cause::kUsage, fmt::format("'{}' is not a size", text), "Give one such as 512MB or 2GiB.");
  }
  out.overrides.push_back({"engine.memory_limit", text, "--memory-limit"});
}

void store_engine(Invocation& out, const std::string& text) {
  out.overrides.push_back({"engine.name", text, "--engine"});
}

void store_spark_remote(Invocation& out, const std::string& text) {
  out.overrides.push_back({"engine.spark.remote", text, "--spark-remote"});
}

void store_threads(Invocation& out, const std::string& text) {
  const auto threads = number<int64_t>(text, 0, std::numeric_limits<int64_t>::max());
  try {
    app::require_few_threads(threads);
  } catch (const Error& e) {
    throw Error(Cause::kUsage, e.message(), e.hint());
  }
  out.overrides.push_back({"engine.threads", text, "--threads"});
}

void store_timeout(Invocation& out, const std::string& text) {
  out.timeout = duration(text);
  if (out.timeout == std::chrono::seconds(0)) {
    throw Error(Cause::kUsage, fmt::format("'{}' leaves no time", text), "Without --timeout there is no limit.");
  }
}

void store_log_level(Invocation& out, const std::string& text) {
  out.log_level = text == "debug"     ? log::Level::kDebug
                  : text == "info"    ? log::Level::kInfo
                  : text == "warning" ? log::Level::kWarning
                                      : log::Level::kError;
}

}  // namespace metl::cli
