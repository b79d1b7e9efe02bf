// A session on a server, as its operations share it: who speaks, how long a call may take, and the calls that have one
// answer. Used from one thread; interrupt() from any.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"
#include "connect.grpc.pb.h"
#include "engine/spark/interruption.h"
#include "engine/spark/remote.h"

namespace metl::engine {

constexpr int kSparkAttempts = 10;  // of one call without an answer between them: about 20 s

// 50 ms, doubled each time up to 5 s, by a random half to one and a half.
void pause_before(int attempt);

// Whether the same call may go through later.
bool is_passing(const grpc::Status& status);

std::string new_uuid();

class SparkSession {
 public:
  SparkSession(const Remote& remote, std::shared_ptr<SparkInterruption> interruption);

  // Tells the server that the session is over, and waits until it knows; never throws.
  ~SparkSession();
  SparkSession(const SparkSession&) = delete;
  SparkSession& operator=(const SparkSession&) = delete;

  spark::connect::SparkConnectService::Stub& stub() { return *stub_; }
  SparkInterruption& interruption() { return *interruption_; }
  std::string address() const { return remote_.address(); }

  // Every request names the session and its user; once the server has named its own side of the session, that too, so
  // that a server which restarted is told from the one that the session began with.
  template <typename Request>
  Request request() const {
    Request out;
    out.set_session_id(id_);
    out.mutable_user_context()->set_user_id(remote_.user_id);
    out.set_client_type(remote_.user_agent);
    if constexpr (requires { out.set_client_observed_server_side_session_id(std::string()); }) {
      const std::lock_guard lock(mutex_);
      if (!server_side_.empty()) out.set_client_observed_server_side_session_id(server_side_);
    }
    return out;
  }

  // What the server calls its own side, out of its answers.
  void heard_from(const std::string& server_side) {
    const std::lock_guard lock(mutex_);
    server_side_ = server_side;
  }

  // Deadline, token and headers of a call.
  void prepare(grpc::ClientContext& context, std::chrono::seconds deadline) const;

  // A call with one answer that may be made again; `sql` is for the error's text.
  template <typename Response, typename Call>
  Response unary(const std::string& sql, int attempts, const Call& call) {
    for (int attempt = 1;; ++attempt) {
      require_not_interrupted();
      grpc::ClientContext context;
      prepare(context, kUnaryDeadline);
      spoken_ = true;
      Response response;
      const grpc::Status status = call(&context, &response);
      if (status.ok()) {
        if constexpr (requires { response.server_side_session_id(); }) heard_from(response.server_side_session_id());
        return response;
      }
      if (!is_passing(status) || attempt == attempts) throw fault(status, sql);
      pause_before(attempt);
    }
  }

  // The error of a call, with the server's whole text where it has one to give.
  Error fault(const grpc::Status& status, const std::string& sql);

  // The server need not keep the operation's answers up to this one, or none of it: `until` is empty.
  void release(const std::string& operation, const std::string& until);

  // Tells the server to stop an operation. False when it could not be told.
  bool interrupt(const std::string& operation);

  void require_not_interrupted() const;

 private:
  static constexpr std::chrono::seconds kUnaryDeadline{120};  // analysing thousands of files takes its time

  const Remote remote_;
  const std::shared_ptr<SparkInterruption> interruption_;
  const std::unique_ptr<spark::connect::SparkConnectService::Stub> stub_;
  const std::string id_;
  mutable std::mutex mutex_;  // guards what follows: interrupt() reads it on the thread of a request to stop
  std::string server_side_;
  // Of the thread that uses the session.
  bool spoken_ = false;  // the server may know of the session
  bool lost_ = false;    // it did not answer, however often it was asked
};

}  // namespace metl::engine
