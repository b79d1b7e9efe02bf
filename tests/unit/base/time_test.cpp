#include "base/time.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace metl {
namespace {

// The message of the usage error that `work` throws; "" for none.
template <typename Work>
std::string refusal(Work work) {
  try {
    work();
    return "";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kUsage);
    return e.message();
  }
}

TEST(Date, ReadsAndWrites) {
  const Date day = Date::parse("2021-01-09");
  EXPECT_EQ(day.iso(), "2021-01-09");
  EXPECT_EQ(day.format("{yyyy}/{MM}/{dd}"), "2021/01/09");
  EXPECT_EQ(Date::parse("2020-02-28").next().iso(), "2020-02-29");
  EXPECT_EQ(Date::parse("2020-12-31").next().iso(), "2021-01-01");
  EXPECT_LT(Date::parse("2020-12-31"), day);
}

TEST(Date, RefusesWhatIsNoDay) {
  for (const char* text : {"2021-02-30", "2021-02-29", "1900-02-29", "2021-13-01", "2021-04-31"}) {
    EXPECT_EQ(refusal([&] { Date::parse(text); }), "'" + std::string(text) + "' is not a day of the calendar");
  }
  for (const char* text : {"", "2021-1-1", "20210101", "2021/01/01", "2021-01-01 ", "2021-00-01", "2021-01-00",
                           "2021--1-01", "202a-01-01", "today"}) {
    EXPECT_EQ(refusal([&] { Date::parse(text); }), "'" + std::string(text) + "' is not a date");
  }
}

TEST(Days, AreOneOrARange) {
  EXPECT_EQ(parse_days("2021-01-01").size(), 1U);
  const auto days = parse_days("2021-02-27..2021-03-01");
  ASSERT_EQ(days.size(), 3U);
  EXPECT_EQ(days[0].iso(), "2021-02-27");
  EXPECT_EQ(days[1].iso(), "2021-02-28");
  EXPECT_EQ(days[2].iso(), "2021-03-01");
  EXPECT_EQ(parse_days("2021-01-01..2021-01-01").size(), 1U);
  EXPECT_EQ(refusal([] { parse_days("2021-01-02..2021-01-01"); }),
            "the range '2021-01-02..2021-01-01' ends before it starts");
  EXPECT_EQ(refusal([] { parse_days("2021-01-01.."); }), "'' is not a date");
  EXPECT_EQ(refusal([] { parse_days("2021-01-01...2021-01-02"); }), "'.2021-01-02' is not a date");
}

TEST(Time, IsoUtcHasMilliseconds) {
  const std::chrono::system_clock::time_point time{std::chrono::milliseconds(1609459200007)};
  EXPECT_EQ(iso_utc(time), "2021-01-01T00:00:00.007Z");
  EXPECT_EQ(unix_millis(time), 1609459200007);
  EXPECT_EQ(iso_utc(std::chrono::system_clock::time_point{std::chrono::milliseconds(-1)}), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace metl
