#include "app/embedded_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "app/storage.h"
#include "base/environment.h"
#include "base/error.h"
#include "base/text.h"
#include "storage/store.h"

namespace metl::app {
namespace {

constexpr std::string_view kThreads = "engine.threads";
constexpr std::string_view kMemoryLimit = "engine.memory_limit";

engine::ClientOptions options_of(const config::Settings* settings, const std::string& spill,
                                 const std::map<std::string, std::string>& locations,
                                 const std::vector<config::Override>& overrides) {
  engine::ClientOptions options;
  options.temp_directory = spill;
  options.storage = app::open_storage(settings, process_variables(), locations);
  options.remove_file = [](const std::string& path) { storage::remove_files({path}); };
  if (settings == nullptr) {
    for (const auto& [key, text, flag] : overrides) {  // a flag's value, checked when it was parsed
      if (key == kMemoryLimit) options.memory_limit = text::parse_bytes(text);
      if (key == kThreads) options.threads = std::stoi(text);
    }
    return options;
  }
  options.memory_limit = settings->bytes(kMemoryLimit);
  const int64_t threads = settings->integer(kThreads);
  try {
    require_few_threads(threads);
  } catch (const Error& e) {
    throw e.within(fmt::format("{}: 'engine.threads'", settings->origin(kThreads)));
  }
  options.threads = static_cast<int>(threads);
  return options;
}

engine::ClientOptions shared(engine::ClientOptions options, int shares) {
  if (shares == 1) return options;
  const int threads = options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
  options.threads = std::max(1, threads / shares);
  options.memory_limit /= shares;
  return options;
}

}  // namespace

EmbeddedEngine::EmbeddedEngine(const config::Settings* settings, const std::map<std::string, std::string>& locations,
                               const std::vector<config::Override>& overrides, int shares)
    : spill_(settings == nullptr ? "" : settings->path("engine.temp_directory")),
      engine_(shared(options_of(settings, spill_.path(), locations, overrides), shares)) {}

bool is_of_the_embedded_engine(const config::Override& setting) {
  return setting.flag != "--set" && (setting.key == kThreads || setting.key == kMemoryLimit);
}

mode_t record_mode(const config::Settings& settings) {
  constexpr int kOctal = 8;
  return static_cast<mode_t>(std::stoul(settings.get_string("records.mode"), nullptr, kOctal));
}

void require_few_threads(int64_t threads) {
  constexpr int64_t kForEach = 4;
  const int64_t processors = std::max(1U, std::thread::hardware_concurrency());
  if (threads <= kForEach * processors) return;
  throw Error(Cause::kConfiguration, fmt::format("{} threads are too many: at most {}", threads, kForEach * processors),
              fmt::format("This machine has {} processors. 0 means one thread for each.", processors));
}

std::vector<std::string> sensitive_columns(const config::Settings& settings) {
  std::vector<std::string> out;
  for (const auto& name : text::split(settings.get_string("checks.sensitive_columns"), ',')) {
    if (const auto trimmed = text::trim(name); !trimmed.empty()) out.emplace_back(trimmed);
  }
  return out;
}

}  // namespace metl::app
