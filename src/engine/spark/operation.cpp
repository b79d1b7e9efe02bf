#include "engine/spark/operation.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "engine/spark/faults.h"

namespace metl::engine {
namespace {

namespace sc = spark::connect;
using std::chrono::seconds;

constexpr seconds kStreamDeadline{120};  // then a stream is taken up anew: a dead connection is noticed
constexpr seconds kPatienceOnStop{10};   // for an interrupted operation to end on the server

void report_progress(const sc::ExecutePlanResponse::ExecutionProgress& message, const Progress& progress) {
  int64_t tasks = 0, done = 0;
  int stages = 0;
  for (const auto& stage : message.stages()) {
    tasks += stage.num_tasks();
    done += stage.num_completed_tasks();
    if (stage.done()) ++stages;
  }
  if (tasks == 0) return;
  progress({100.0 * static_cast<double>(done) / static_cast<double>(tasks), 0,
            fmt::format("stage {} of {}, task {} of {}, {} running", std::min(stages + 1, message.stages_size()),
                        message.stages_size(), done, tasks, message.num_inflight_tasks())});
}

}  // namespace

// Shows stop() the stream that is being read.
class SparkOperation::Shown {
 public:
  Shown(SparkOperation& of, grpc::ClientContext& stream) : of_(of) { show(&stream); }
  ~Shown() { show(nullptr); }
  Shown(const Shown&) = delete;
  Shown& operator=(const Shown&) = delete;

 private:
  void show(grpc::ClientContext* stream) {
    const std::lock_guard lock(of_.reading_);
    of_.stream_ = stream;
  }
  SparkOperation& of_;
};

void SparkOperation::run() {
  session_.require_not_interrupted();
  session_.interruption().while_running([this] { stop(); });
  try {
    follow();
  } catch (...) {
    session_.interruption().while_running({});
    session_.release(id_, "");
    throw;
  }
  session_.interruption().while_running({});
  session_.release(id_, "");
}

void SparkOperation::follow() {
  bool sending = true;  // the plan; else the running operation is taken up again
  for (int failures = 0;;) {
    const size_t before = answers_;
    const grpc::Status status = read(sending);
    if (complete_) return;
    session_.require_not_interrupted();
    const std::string condition = condition_of(status.error_message(), status.error_details());
    const bool not_found = condition == "INVALID_HANDLE.OPERATION_NOT_FOUND";
    const bool never_known = not_found && answers_ == 0;
    const bool known_already = condition == "INVALID_HANDLE.OPERATION_ALREADY_EXISTS";
    if (condition == "INVALID_HANDLE.OPERATION_ABANDONED" || (not_found && answers_ > 0)) {
      throw Error(Cause::kUnreachable,
                  fmt::format("the Spark server at {} no longer knows the operation: whether it ended is unknown",
                              session_.address()),
                  "What it may have written is dropped. Run again.");
    }
    if (!status.ok() && !is_passing(status) && !never_known && !known_already) throw session_.fault(status, sql());
    sending = never_known;
    if (answers_ > before) failures = 0;
    if (status.ok() && answers_ > before) continue;  // the server ends long streams by itself
    if (++failures == kSparkAttempts) throw session_.fault(status, sql());
    log::debug("{} operation {} again: {}", sending ? "sending" : "taking up", id_, status.error_message());
    pause_before(failures);
  }
}

// One stream of answers, to its end or break.
grpc::Status SparkOperation::read(bool sending) {
  grpc::ClientContext context;
  session_.prepare(context, kStreamDeadline);
  std::unique_ptr<grpc::ClientReader<sc::ExecutePlanResponse>> stream;
  if (sending) {
    auto request = session_.request<sc::ExecutePlanRequest>();
    *request.mutable_plan() = plan_;
    request.set_operation_id(id_);
    request.add_request_options()->mutable_reattach_options()->set_reattachable(true);
    stream = session_.stub().ExecutePlan(&context, request);
  } else {
    auto request = session_.request<sc::ReattachExecuteRequest>();
    request.set_operation_id(id_);
    if (!last_.empty()) request.set_last_response_id(last_);
    stream = session_.stub().ReattachExecute(&context, request);
  }
  const Shown shown(*this, context);
  for (sc::ExecutePlanResponse response; stream->Read(&response);) {
    take(response);
    if (session_.interruption().requested() && patience_is_over()) context.TryCancel();
  }
  return stream->Finish();
}

void SparkOperation::take(const sc::ExecutePlanResponse& response) {
  ++answers_;
  last_ = response.response_id();
  session_.heard_from(response.server_side_session_id());
  if (response.has_arrow_batch()) {
    if (on_batch_) on_batch_(response.arrow_batch().data());
    session_.release(id_, last_);
  } else if (response.has_execution_progress()) {
    if (progress_) report_progress(response.execution_progress(), progress_);
  } else if (response.has_result_complete()) {
    complete_ = true;
  }
}

// On another thread. The stream then ends by itself, once the server has stopped its tasks: files are removed after.
// A server that cannot be told will say nothing more either.
void SparkOperation::stop() {
  if (session_.interrupt(id_)) {
    stopped_at_ = Clock::now();
    return;
  }
  const std::lock_guard lock(reading_);
  if (stream_ != nullptr) stream_->TryCancel();
}

bool SparkOperation::patience_is_over() const { return Clock::now() - stopped_at_.load() > kPatienceOnStop; }

const std::string& SparkOperation::sql() const {
  return plan_.has_root() ? plan_.root().sql().query() : plan_.command().write_operation().input().sql().query();
}

}  // namespace metl::engine
