// No form in which a secret stands leaves the process.
#include "base/secrets.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace metl::secrets {
namespace {

TEST(Secrets, FormsInUrlsAreMasked) {
  for (const auto& [text, wanted] : std::map<std::string, std::string>{
           {"s3://user:pass@bucket/x", "s3://***@bucket/x"},
           {"s3://user:pa/ss@bucket/x", "s3://***@bucket/x"},
           {"s3://user:p@ss@bucket/x", "s3://***@bucket/x"},
           {"https://ghp_token@host/x", "https://***@host/x"},
           {"http://user:pw@127.0.0.1:1/x failed", "http://***@127.0.0.1:1/x failed"},
           {"from s3://a:b@c to s3://d:e@f", "from s3://***@c to s3://***@f"},
           {"thrift://u:p@one:9083,u:q@two", "thrift://***@one:9083,***@two"},
           {"thrift://u:p@one,thrift://u:q@two", "thrift://***@one,thrift://***@two"},
           {"user:pass@host:9000", "***@host:9000"},
           {"https://a.blob.core.windows.net/c?sv=1&sig=abc%3D&se=2",
            "https://a.blob.core.windows.net/c?sv=1&sig=***&se=2"},
           {"https://h/x?X-Amz-Signature=abc", "https://h/x?X-Amz-Signature=***"},
           {"sc://h/;token=a;use_ssl=true;token=b", "sc://h/;token=***;use_ssl=true;token=***"},
           {"sc://h/;TOKEN=a b", "sc://h/;TOKEN=***"},
           {"sc://h/;x-auth=Bearer abc;user_id=me", "sc://h/;x-auth=***;user_id=me"},
           // Nothing of these is a secret.
           {"abfss://raw@account.dfs.core.windows.net/x", "abfss://raw@account.dfs.core.windows.net/x"},
           {"s3://bucket/a:b@c", "s3://bucket/a:b@c"},
           {"http://h:9000/a@b", "http://h:9000/a@b"},
           {"sc://h:15002/;user_id=a@b", "sc://h:15002/;user_id=a@b"},
           {"checks.yaml:3:5: a = 1 and b <> 2; c = 3", "checks.yaml:3:5: a = 1 and b <> 2; c = 3"},
           {"a mail to ada@example.org", "a mail to ada@example.org"},
           {"/data/x:y@z", "/data/x:y@z"}}) {
    EXPECT_EQ(masked(text), wanted);
  }
}

TEST(Secrets, KnownValuesAreMaskedWhereverTheyStand) {
  know("hunter2\n");
  know("quo\"te\\d");
  know("abc");  // too short
  EXPECT_EQ(masked("x hunter2, hunter2"), "x ***, ***");
  EXPECT_EQ(masked(R"({"a": "quo\"te\\d"})"), R"({"a": "***"})");
  EXPECT_EQ(masked("abc"), "abc");
}

}  // namespace
}  // namespace metl::secrets
