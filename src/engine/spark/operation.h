// One operation on a server, from its first request to its release.
//
// It has an id of this client's making, and the server runs an id once at most. So whatever cut the first request, the
// operation is taken up again after the last answer that came; where the server says that it never knew it, it is sent
// again under the same id. That is safe for writes too. Only an operation that the server knew and has dropped is given
// up: whether it ended is unknown then.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include "engine/engine.h"
#include "engine/spark/session.h"

namespace metl::engine {

class SparkOperation {
 public:
  // All of these outlive the operation. `on_batch` gets every Arrow IPC stream of the result; both may be empty.
  SparkOperation(SparkSession& session, const spark::connect::Plan& plan,
                 const std::function<void(const std::string&)>& on_batch, const Progress& progress)
      : session_(session), plan_(plan), on_batch_(on_batch), progress_(progress) {}

  // To its end, or to the error that ended it. Stops, on the server too, when the session's interruption is uttered.
  void run();

 private:
  using Clock = std::chrono::system_clock;
  class Shown;

  void follow();
  grpc::Status read(bool sending);
  void take(const spark::connect::ExecutePlanResponse& response);
  void stop();
  bool patience_is_over() const;
  const std::string& sql() const;

  SparkSession& session_;
  const spark::connect::Plan& plan_;
  const std::function<void(const std::string&)>& on_batch_;
  const Progress& progress_;
  const std::string id_ = new_uuid();
  std::string last_;    // response
  size_t answers_ = 0;  // responses so far
  bool complete_ = false;
  std::atomic<Clock::time_point> stopped_at_ = Clock::time_point();
  std::mutex reading_;
  grpc::ClientContext* stream_ = nullptr;  // the one being read, under reading_
};

}  // namespace metl::engine
