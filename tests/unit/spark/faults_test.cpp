// A server's refusals as errors of ours: exit code, what is wrong, what to do.
#include "engine/spark/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/spark/sql.h"

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
  const Error dying = plain(14, "last error: UNKNOWN: ipv4:127.0.0.1:15002: tcp handshaker shutdown");
  EXPECT_EQ(dying.code(), ExitCode::kRunFailed);
  EXPECT_THAT(plain(13, "[INVALID_HANDLE.SESSION_CHANGED] gone").message(), HasSubstr("has lost the session"));
}

// What a server sends along with an error of which it keeps the whole.
std::string details_with_id(const std::string& id) {
  sc::ErrorInfo info;
  (*info.mutable_metadata())["errorId"] = id;
  sc::StatusDetails status;
  auto* any = status.add_details();
  any->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  any->set_value(info.SerializeAsString());
  return status.SerializeAsString();
}

TEST(Faults, OfAQueryNameItsLine) {
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
  const Error error = to_error(13, "cut", details_with_id("e1"), "host:15002", sql, fetch);
  EXPECT_EQ(error.code(), ExitCode::kRunFailed);
  EXPECT_EQ(error.message(), "[DIVIDE_BY_ZERO] Division by zero. (line 3)");
  EXPECT_EQ(error.hint(), "");
}

TEST(Faults, OutsideOfTheTransformNameTheColumn) {
  const std::string sql = spark_sql::with_source("SELECT 1", "CAST(`a` AS bigint) AS `a`", "SELECT 'x' AS a");
  const auto fetch = [&](const std::string&) {
    sc::FetchErrorDetailsResponse details;
    auto* error = details.add_errors();
    error->set_message("[CAST_INVALID_INPUT] 'x' is none.");
    auto* context = error->mutable_spark_throwable()->add_query_contexts();
    context->set_start_index(static_cast<int>(sql.find("CAST")));
    context->set_fragment("CAST(`a` AS bigint)");
    return details;
  };
  EXPECT_EQ(to_error(13, "cut", details_with_id("e1"), "host:15002", sql, fetch).message(),
            "[CAST_INVALID_INPUT] 'x' is none. (in CAST(`a` AS bigint))");
}

TEST(Faults, WithoutDetailsTheFirstLineStays) {
  EXPECT_EQ(
      plain(13, "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. (line 2, pos 3)\n\n== SQL ==\n").message(),
      "[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. (line 2, pos 3)");
}

TEST(Faults, WithoutANameSayWhoseTheyAre) {
  EXPECT_EQ(plain(13, "No space left on device\n\tat java.io").message(),
            "the Spark server at host:15002: No space left on device");
}

}  // namespace
}  // namespace metl::engine
