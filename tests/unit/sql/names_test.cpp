#include "sql/names.h"

#include <gtest/gtest.h>

namespace metl::sql {
namespace {

TEST(Names, QuotesInsideAreDoubled) {
  EXPECT_EQ(literal("it's"), "'it''s'");
  EXPECT_EQ(identifier("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace metl::sql
