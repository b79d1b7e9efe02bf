#include <fmt/format.h>

#include <random>

#include "base/log.h"
#include "base/time.h"
#include "pipeline/run.h"

namespace metl::pipeline {

std::string new_run_id(std::chrono::system_clock::time_point now) {
  std::string stamp;
  for (const char c : iso_utc(now).substr(0, 19)) {
    if (c != '-' && c != ':') stamp += c;
  }
  std::random_device random;
  return fmt::format("{}-{:08x}", stamp, random());
}

RunReport begun_report(const RunRequest& request) {
  RunReport out;
  out.started = std::chrono::system_clock::now();
  out.run_id = new_run_id(out.started);
  out.pipeline = request.pipeline.name;
  out.execution_date = request.day.iso();
  out.execution_hour = request.hour;
  out.table = request.table;
  out.table_root = request.table_root;
  out.command = request.command;
  log::set_field("run_id", out.run_id);
  log::set_field("execution_date", request.interval().text());
  return out;
}

}  // namespace metl::pipeline
