#include "engine/spark/session.h"

#include <algorithm>
#include <random>
#include <thread>

#include "base/text.h"
#include "engine/spark/channel.h"
#include "engine/spark/faults.h"

namespace metl::engine {
namespace {

namespace sc = spark::connect;
using Clock = std::chrono::system_clock;
using std::chrono::seconds;

constexpr seconds kTidyDeadline{5};      // of calls without which the server tidies up by itself, later
constexpr seconds kGoodbyeDeadline{20};  // a session left open holds views and memory of the server for an hour

}  // namespace

std::string new_uuid() {
  std::random_device random;
  const auto word = [&] { return static_cast<uint32_t>(random()); };
  const uint32_t a = word(), b = word(), c = word(), d = word();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:04x}{:08x}", a, b >> 16, b & 0xFFF, 0x8000 | (c >> 16 & 0x3FFF),
                     c & 0xFFFF, d);
}

void pause_before(int attempt) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const double most = std::min(5000.0, 50.0 * static_cast<double>(1 << std::min(attempt, 10)));
  const double millis = most * std::uniform_real_distribution<>(0.5, 1.5)(random);
  std::this_thread::sleep_for(std::chrono::milliseconds(static_cast<int64_t>(millis)));
}

bool is_passing(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         condition_of(status.error_message(), status.error_details()) == "INVALID_CURSOR.DISCONNECTED";
}

SparkSession::SparkSession(const Remote& remote, std::shared_ptr<SparkInterruption> interruption)
    : remote_(remote),
      interruption_(std::move(interruption)),
      stub_(sc::SparkConnectService::NewStub(open_channel(remote))),
      id_(remote.session_id.empty() ? new_uuid() : remote.session_id) {}

SparkSession::~SparkSession() {
  if (!spoken_) return;
  const auto deadline = Clock::now() + kGoodbyeDeadline;
  const auto what = request<sc::ReleaseSessionRequest>();
  // A server that never answered, or does so no longer, is most likely not there: it is told once.
  const int attempts = server_side_.empty() || lost_ ? 1 : kSparkAttempts;
  for (int attempt = 1; attempt <= attempts; ++attempt) {
    grpc::ClientContext context;
    prepare(context, kGoodbyeDeadline);
    context.set_deadline(deadline);
    sc::ReleaseSessionResponse ignored;
    if (!is_passing(stub_->ReleaseSession(&context, what, &ignored)) || Clock::now() >= deadline) return;
    pause_before(attempt);
  }
}

void SparkSession::prepare(grpc::ClientContext& context, seconds deadline) const {
  context.set_deadline(Clock::now() + deadline);
  if (!remote_.token.empty()) context.AddMetadata("authorization", "Bearer " + remote_.token);
  for (const auto& [name, value] : remote_.headers) context.AddMetadata(name, value);
}

void SparkSession::require_not_interrupted() const {
  if (interruption_->requested()) throw Error(Cause::kInterrupted, "interrupted");
}

Error SparkSession::fault(const grpc::Status& status, const std::string& sql) {
  lost_ = is_passing(status);
  const auto fetch = [&](const std::string& error_id) {
    auto what = request<sc::FetchErrorDetailsRequest>();
    what.set_error_id(error_id);
    grpc::ClientContext inner;
    prepare(inner, kTidyDeadline);
    sc::FetchErrorDetailsResponse details;
    if (!stub_->FetchErrorDetails(&inner, what, &details).ok()) details.Clear();
    return details;
  };
  return to_error(static_cast<int>(status.error_code()), status.error_message(), status.error_details(), address(), sql,
                  fetch);
}

void SparkSession::release(const std::string& operation, const std::string& until) {
  auto what = request<sc::ReleaseExecuteRequest>();
  what.set_operation_id(operation);
  if (until.empty()) {
    what.mutable_release_all();
  } else {
    what.mutable_release_until()->set_response_id(until);
  }
  grpc::ClientContext context;
  prepare(context, kTidyDeadline);
  sc::ReleaseExecuteResponse ignored;  // what is not released ends with the session
  static_cast<void>(stub_->ReleaseExecute(&context, what, &ignored));
}

bool SparkSession::interrupt(const std::string& operation) {
  auto what = request<sc::InterruptRequest>();
  what.set_interrupt_type(sc::InterruptRequest::INTERRUPT_TYPE_OPERATION_ID);
  what.set_operation_id(operation);
  grpc::ClientContext context;
  prepare(context, kTidyDeadline);
  sc::InterruptResponse ignored;
  return stub_->Interrupt(&context, what, &ignored).ok();
}

}  // namespace metl::engine
