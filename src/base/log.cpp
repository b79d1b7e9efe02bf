#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "base/log_event.h"
#include "base/log_fields.h"
#include "base/secrets.h"
#include "base/time.h"
#include "base/unicode.h"

namespace metl::log {
namespace {

using Fields = std::map<std::string, std::string, std::less<>>;

// Of this thread; null while it has none of its own.
thread_local std::unique_ptr<Fields> own_fields;

struct State {
  std::mutex mutex;  // guards what follows
  Format format = Format::kText;
  std::shared_ptr<spdlog::logger> logger;  // null before configure()
  Fields fields;
  std::function<void(std::string_view)> writer;
};

State& state() {
  // Logging is the one process-wide service: its lines interleave on one stream anyway. Never destroyed: the thread
  // that ends the process by force (base/stop.h) may still log while the main one leaves.
  static auto* state = new State;
  return *state;
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

constexpr std::string_view colour_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug:
      return "\033[36m";
    case spdlog::level::warn:
      return "\033[1;33m";
    case spdlog::level::err:
      return "\033[1;31m";
    default:
      return "\033[32m";
  }
}

// One write a line, so that nothing comes between its parts.
class Sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Sink(bool colour) : colour_(colour) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t buffer;
    formatter_->format(message, buffer);
    std::string line(buffer.data(), buffer.size());
    if (colour_ && message.color_range_end > message.color_range_start) {
      line.insert(message.color_range_end, "\033[0m");
      line.insert(message.color_range_start, colour_of(message.level));
    }
    const std::lock_guard lock(state().mutex);
    if (state().writer) {
      state().writer(line);
    } else {
      line += '\n';
      std::fwrite(line.data(), 1, line.size(), stderr);  // no log is no reason to end: a full disk, a closed terminal
    }
  }
  void flush_() override {}

  bool colour_;
};

}  // namespace

void configure(Level least, Format format, bool colour) {
  auto logger = std::make_shared<spdlog::logger>("movies-etl", std::make_shared<Sink>(colour));
  logger->set_level(to_spdlog(least));
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      format == Format::kJson ? "%v" : "%Y-%m-%dT%H:%M:%SZ %^%-7l%$ %v", spdlog::pattern_time_type::utc, /*eol=*/""));
  const std::lock_guard lock(state().mutex);
  state().format = format;
  state().logger = std::move(logger);
}

void write_lines_with(std::function<void(std::string_view)> writer) {
  const std::lock_guard lock(state().mutex);
  state().writer = std::move(writer);
}

OwnFields::OwnFields() { own_fields = std::make_unique<Fields>(); }
OwnFields::~OwnFields() { own_fields.reset(); }

void set_field(std::string_view name, std::string_view value) {
  if (own_fields) {
    own_fields->insert_or_assign(std::string(name), secrets::masked(value));
    return;
  }
  const std::lock_guard lock(state().mutex);
  state().fields.insert_or_assign(std::string(name), secrets::masked(value));
}

void write(Level level, std::string_view message) { event(level, message, nlohmann::ordered_json::object()); }

void event(Level level, std::string_view message, const nlohmann::ordered_json& fields) {
  std::shared_ptr<spdlog::logger> logger;  // held: another thread may configure the log meanwhile
  Format format = Format::kText;
  {
    const std::lock_guard lock(state().mutex);
    logger = state().logger;
    format = state().format;
  }
  if (!logger) logger = spdlog::default_logger();
  if (!logger->should_log(to_spdlog(level))) return;
  const std::string safe = text::printable_lines(secrets::masked(message));
  if (format == Format::kText) {
    logger->log(to_spdlog(level), "{}", safe);
    return;
  }
  nlohmann::ordered_json line{
      {"time", iso_utc(std::chrono::system_clock::now())}, {"level", name_of(level)}, {"message", safe}};
  {
    const std::lock_guard lock(state().mutex);
    for (const auto& [name, value] : state().fields) line[name] = text::printable_lines(value);
  }
  if (own_fields) {
    for (const auto& [name, value] : *own_fields) line[name] = text::printable_lines(value);
  }
  for (const auto& [name, value] : fields.items())
    line[name] = value.is_string()
                     ? nlohmann::ordered_json(text::printable_lines(secrets::masked(value.get<std::string>())))
                     : value;
  logger->log(to_spdlog(level), "{}", on_one_line(line));
}

}  // namespace metl::log
