#include "base/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "base/time.h"

namespace metl::log {
namespace {

struct State {
  Format format = Format::kText;
  std::mutex mutex;  // guards fields
  std::map<std::string, std::string, std::less<>> fields;
};

State& state() {
  static State state;  // logging is the one process-wide service: its lines interleave on one stream anyway
  return state;
}

constexpr spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

constexpr std::string_view name_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "info";
}

}  // namespace

void configure(Level least, Format format, bool colour) {
  state().format = format;
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(colour ? spdlog::color_mode::always
                                                                               : spdlog::color_mode::never);
  auto logger = std::make_shared<spdlog::logger>("movies-etl", sink);
  logger->set_level(to_spdlog(least));
  logger->set_pattern(format == Format::kJson ? "%v" : "%H:%M:%S %^%-7l%$ %v", spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(logger);
}

void set_field(std::string_view name, std::string_view value) {
  const std::lock_guard lock(state().mutex);
  state().fields.insert_or_assign(std::string(name), std::string(value));
}

void write(Level level, std::string_view message) {
  auto* logger = spdlog::default_logger_raw();
  if (!logger->should_log(to_spdlog(level))) return;
  if (state().format == Format::kText) {
    logger->log(to_spdlog(level), "{}", message);
    return;
  }
  nlohmann::ordered_json line{
      {"time", iso_utc(std::chrono::system_clock::now())}, {"level", name_of(level)}, {"message", message}};
  {
    const std::lock_guard lock(state().mutex);
    for (const auto& [name, value] : state().fields) line[name] = value;
  }
  logger->log(to_spdlog(level), "{}", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace metl::log
