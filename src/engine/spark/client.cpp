#include "engine/spark/client.h"

#include "base/log.h"
#include "engine/spark/operation.h"
#include "engine/spark/session.h"

namespace metl::engine {
namespace {

namespace sc = spark::connect;

constexpr int kFirstAttempts = 3;  // a server that is not there is told soon

}  // namespace

SparkClient::SparkClient(const Remote& remote, std::shared_ptr<SparkInterruption> interruption)
    : session_(std::make_unique<SparkSession>(remote, std::move(interruption))) {}

SparkClient::~SparkClient() = default;

std::string SparkClient::version() {
  auto request = session_->request<sc::AnalyzePlanRequest>();
  request.mutable_spark_version();
  return session_
      ->unary<sc::AnalyzePlanResponse>(
          "", kFirstAttempts,
          [&](auto* context, auto* out) { return session_->stub().AnalyzePlan(context, request, out); })
      .spark_version()
      .version();
}

void SparkClient::configure(const Settings& settings) {
  auto request = session_->request<sc::ConfigRequest>();
  auto* set = request.mutable_operation()->mutable_set();
  set->set_silent(true);
  for (const auto& [name, value] : settings) {
    auto* pair = set->add_pairs();
    pair->set_key(name);
    pair->set_value(value);
  }
  const auto response = session_->unary<sc::ConfigResponse>(
      "", kSparkAttempts, [&](auto* context, auto* out) { return session_->stub().Config(context, request, out); });
  for (const auto& warning : response.warnings()) log::debug("spark: {}", warning);
}

std::string SparkClient::explain(const std::string& sql) {
  auto request = session_->request<sc::AnalyzePlanRequest>();
  auto* explain = request.mutable_explain();
  explain->mutable_plan()->mutable_root()->mutable_sql()->set_query(sql);
  explain->set_explain_mode(sc::AnalyzePlanRequest::Explain::EXPLAIN_MODE_EXTENDED);
  return session_
      ->unary<sc::AnalyzePlanResponse>(
          sql, kSparkAttempts,
          [&](auto* context, auto* out) { return session_->stub().AnalyzePlan(context, request, out); })
      .explain()
      .explain_string();
}

void SparkClient::execute(const sc::Plan& plan, const std::function<void(const std::string&)>& on_batch,
                          const Progress& progress) {
  SparkOperation(*session_, plan, on_batch, progress).run();
}

}  // namespace metl::engine
