#include "app/chosen_engine.h"

#include <atomic>

#include "base/environment.h"
#include "base/error.h"
#include "base/log.h"
#ifdef METL_SPARK
#include "engine/spark/spark_engine.h"
#include "storage/store.h"
#endif

namespace metl::app {
namespace {

#ifdef METL_SPARK
std::unique_ptr<engine::Engine> spark_engine(const config::Settings& settings, engine::DuckdbEngine& local) {
  const engine::Remote remote = engine::parse_remote({.remote = settings.get_string("engine.spark.remote"),
                                                      .token = settings.get_string("engine.spark.token"),
                                                      .ca_file = settings.path("engine.spark.ca_file"),
                                                      .variables = process_variables()});
  return std::make_unique<engine::SparkEngine>(
      remote,
      engine::SharedFiles{
          .list =
              [](const std::string& folder) {
                std::vector<std::string> paths;
                for (const auto& file : storage::list_files(folder, true)) paths.push_back(file.path);
                return paths;
              },
          .remove = storage::remove_files,
          .inspect = [&local](const auto& paths) { return local.inspect(paths); },
          .measure = [&local](const auto& paths, const Schema& columns) { return local.measure(paths, columns); },
          .to_parquet = [&local](const auto& paths, const auto& format, const auto& columns,
                                 const auto& options) { return local.to_parquet(paths, format, columns, options); }});
}
#else
std::unique_ptr<engine::Engine> spark_engine(const config::Settings&, engine::DuckdbEngine&) {
  throw Error(
      Cause::kConfiguration, "--engine spark: this build has no Spark engine",
      "In a checkout build it in with `SPARK=1 make build`. The packages of `make package` and the image have it.");
}
#endif

constexpr std::chrono::seconds kGraceOfAServer{10};  // its tasks on several machines end one after the other

bool is_spark(const config::Settings* settings) {
  return settings != nullptr && settings->get_string("engine.name") == "spark";
}

// Once, however many engines there are.
void tell_that_it_stops() {
  static std::atomic<bool> told = false;
  if (told.exchange(true)) return;
  log::warning("{}: stopping the work and dropping what it staged (one more signal ends it at once)",
               stop::reason().message());
}

}  // namespace

ChosenEngine::ChosenEngine(const config::Settings* settings, const std::map<std::string, std::string>& locations,
                           const std::vector<config::Override>& overrides, int shares)
    : told_(tell_that_it_stops, is_spark(settings) ? kGraceOfAServer : stop::kGrace),
      embedded_(settings, locations, overrides, shares) {
  if (is_spark(settings)) spark_ = spark_engine(*settings, embedded_.get());
  stopping_.emplace([this] { get().interrupt(); }, is_spark(settings) ? kGraceOfAServer : stop::kGrace);
  stop::check();
}

engine::Engine& ChosenEngine::get() {
  if (spark_) return *spark_;
  return embedded_.get();
}

}  // namespace metl::app
