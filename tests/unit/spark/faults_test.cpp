// A server's refusals as errors of ours: exit code, what is wrong, what to do.
#include "engine/spark/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace metl::engine {
namespace {

using testing::HasSubstr;
namespace sc = spark::connect;

Error plain(int code, const std::string& message) {
  return to_error(code, message, "", "host:15002", "", [](const std::string&) {
    ADD_FAILURE() << "there is nothing to fetch";
    return sc::FetchErrorDetailsResponse();
  });
}

TEST(Faults, OfTheConnection) {
  const Error absent = plain(14, "failed to connect to all addresses; last error: Connection refused");
  EXPECT_EQ(absent.code(), ExitCode::kRunFailed);
  EXPECT_THAT(absent.message(), HasSubstr("no Spark Connect server answers at host:15002: failed to connect"));
  EXPECT_THAT(absent.hint(), HasSubstr("make spark-up"));
  const Error token = plain(16, "No authentication token provided");
  EXPECT_EQ(token.code(), ExitCode::kConfig);
  EXPECT_THAT(token.hint(), HasSubstr("engine.spark.token"));
  const Error certificate = plain(14, "Ssl handshake failed: CERTIFICATE_VERIFY_FAILED");
  EXPECT_EQ(certificate.code(), ExitCode::kConfig);
  EXPECT_THAT(certificate.hint(), HasSubstr("engine.spark.ca_file"));
  EXPECT_THAT(plain(13, "[INVALID_HANDLE.SESSION_CHANGED] gone").message(), HasSubstr("has lost the session"));
}

TEST(Faults, OfAQueryNameItsLine) {
  sc::ErrorInfo info;
  (*info.mutable_metadata())["errorId"] = "e1";
  sc::StatusDetails status;
  auto* any = status.add_details();
  any->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  any->set_value(info.SerializeAsString());
  const std::string sql = "WITH x\nSELECT\n1/0";
  const auto fetch = [](const std::string& id) {
    EXPECT_EQ(id, "e1");
    sc::FetchErrorDetailsResponse details;
    details.set_root_error_idx(0);
    auto* outer = details.add_errors();
    outer->set_message("Job aborted due to stage failure\nDriver stacktrace:");
    outer->set_cause_idx(1);
    auto* inner = details.add_errors();
    inner->set_message("[DIVIDE_BY_ZERO] Division by zero.\n== SQL ==\n1/0");
    inner->mutable_spark_throwable()->set_error_class("DIVIDE_BY_ZERO");
    inner->mutable_spark_throwable()->add_query_contexts()->set_start_index(14);
    return details;
  };
  const Error error = to_error(13, "cut", status.SerializeAsString(), "host:15002", sql, fetch);
  EXPECT_EQ(error.code(), ExitCode::kRunFailed);
  EXPECT_EQ(error.message(), "[DIVIDE_BY_ZERO] Division by zero. (line 3)");
  EXPECT_EQ(error.hint(), "");
}

TEST(Faults, WithoutDetailsTheFirstLineStays) {
  EXPECT_EQ(
      plain(13, "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. (line 2, pos 3)\n\n== SQL ==\n").message(),
      "[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. (line 2, pos 3)");
}

}  // namespace
}  // namespace metl::engine
