// Connection strings: what they say, what is refused, and that no secret is in a message.
#include "engine/spark/remote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace metl::engine {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string refusal(const RemoteRequest& request) {
  try {
    parse_remote(request);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kConfig);
    return e.message();
  }
  return "";
}
std::string refusal(const std::string& remote) { return refusal(RemoteRequest{remote, "", "", {}}); }

TEST(Remote, SaysAll) {
  const Remote remote = parse_remote(
      {"sc://spark.example:443/;use_ssl=true;token=a%3Db;user_id=etl;user_agent=me;grpc_max_message_size=1000000;"
       "session_id=12345678-1234-4234-8234-123456789abc;x-team=data;",
       "",
       "/ca.pem",
       {}});
  EXPECT_EQ(remote.address(), "spark.example:443");
  EXPECT_TRUE(remote.use_ssl);
  EXPECT_EQ(remote.token, "a=b");
  EXPECT_EQ(remote.user_id, "etl");
  EXPECT_EQ(remote.user_agent, "me");
  EXPECT_EQ(remote.session_id, "12345678-1234-4234-8234-123456789abc");
  EXPECT_EQ(remote.max_message_bytes, 1'000'000);
  EXPECT_THAT(remote.headers, testing::ElementsAre(testing::Pair("x-team", "data")));
  EXPECT_EQ(remote.ca_file, "/ca.pem");
}

TEST(Remote, DefaultsAndVariables) {
  const Remote remote = parse_remote(
      {"", "", "", {{"SPARK_REMOTE", "sc://localhost"}, {"SPARK_CONNECT_AUTHENTICATE_TOKEN", "t"}, {"USER", "ann"}}});
  EXPECT_EQ(remote.address(), "localhost:15002");
  EXPECT_FALSE(remote.use_ssl);
  EXPECT_EQ(remote.token, "t");
  EXPECT_EQ(remote.user_id, "ann");
  EXPECT_THAT(remote.user_agent, testing::StartsWith("movies-etl/"));
  EXPECT_EQ(parse_remote({"sc://[::1]:15003", "", "", {}}).address(), "[::1]:15003");
}

TEST(Remote, TheSettingsTokenIsStrongest) {
  const RemoteRequest request{
      "sc://localhost/;token=weak", "strong", "", {{"SPARK_CONNECT_AUTHENTICATE_TOKEN", "weakest"}}};
  EXPECT_EQ(parse_remote(request).token, "strong");
}

TEST(Remote, Refuses) {
  EXPECT_THAT(refusal(""), HasSubstr("not said where the Spark Connect server is"));
  EXPECT_THAT(refusal("spark://host:7077"), HasSubstr("does not start with sc://"));
  EXPECT_THAT(refusal("sc://:15002"), HasSubstr("names no host"));
  EXPECT_THAT(refusal("sc://host:port"), HasSubstr("has a port that is not a number from 1 to 65535"));
  EXPECT_THAT(refusal("sc://host:99999"), HasSubstr("has a port that is not a number from 1 to 65535"));
  EXPECT_THAT(refusal("sc://host/path"), HasSubstr("only /;name=value"));
  EXPECT_THAT(refusal("sc://host/;user_id"), HasSubstr("parameter 'user_id' has no value"));
  EXPECT_THAT(refusal("sc://host/;usessl=true"), HasSubstr("unknown parameter 'usessl'. Did you mean 'use_ssl'?"));
  EXPECT_THAT(refusal("sc://host/;use_ssl=yes"), HasSubstr("must be true or false"));
  EXPECT_THAT(refusal("sc://host/;session_id=1"), HasSubstr("must be a UUID"));
  EXPECT_THAT(refusal("sc://host/;grpc_max_message_size=big"), HasSubstr("number of bytes"));
}

TEST(Remote, NoTokenInTheClear) {
  EXPECT_THAT(refusal("sc://spark.example/;token=hush"), HasSubstr("in the clear"));
  EXPECT_THAT(refusal("sc://spark.example/;token=hush"), Not(HasSubstr("hush")));
  EXPECT_THAT(refusal("sc://spark.example/;token=hush;tokn=hush"), Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace metl::engine
