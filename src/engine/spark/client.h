// What the engine asks of a Spark Connect server, in a session of its own. Calls are tried again, bounded, with
// growing, jittered pauses; operations are taken up again where they were (operation.h).
//
// Errors are the server's own text under Error; Error{kConfiguration} where the connection's settings are refused
// (token, certificate); Error{kInterrupted} once the interruption was uttered.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connect.pb.h"
#include "engine/engine.h"
#include "engine/spark/interruption.h"
#include "engine/spark/remote.h"

namespace metl::engine {

class SparkSession;

using Settings = std::vector<std::pair<std::string, std::string>>;

class SparkClient {
 public:
  // Connects when first used.
  SparkClient(const Remote& remote, std::shared_ptr<SparkInterruption> interruption);
  ~SparkClient();  // tells the server that the session is over; never throws
  SparkClient(const SparkClient&) = delete;
  SparkClient& operator=(const SparkClient&) = delete;

  // The first word with a server, with little patience. "4.2.0".
  std::string version();

  // Settings of this session. What the server does not let a session set is left as it is.
  void configure(const Settings& settings);

  // The plans of a query, in Spark's text form, not run.
  std::string explain(const std::string& sql);

  // Runs a plan to its end, once; `on_batch` gets every Arrow IPC stream of its result.
  void execute(const spark::connect::Plan& plan, const std::function<void(const std::string&)>& on_batch,
               const Progress& progress);

 private:
  std::unique_ptr<SparkSession> session_;  // gRPC's headers are slow to compile: they stay out of this one
};

}  // namespace metl::engine
