// A file of a thousand checks costs as much for each of them as a file of some hundred: what is sent to the engine is
// counted, not timed.
#include <algorithm>

#include "fixture.h"
#include "quality/explain.h"

namespace metl::quality::test {
namespace {

struct Asked {
  size_t statements = 0;
  size_t expressions = 0;  // aggregates in them
  size_t bytes = 0;
  size_t schemas = 0;  // questions for views and schemas
  size_t earlier = 0;  // questions to the history
};

class Scaling : public ScanTest {
 protected:
  Scaling() {
    std::string columns;
    for (int i = 0; i < 300; ++i) columns += fmt::format("{}range + {} AS c{}", i == 0 ? "" : ", ", i, i);
    db_.query("CREATE TABLE wide AS SELECT " + columns + " FROM range(10)");
    count_questions();
  }

  void count_questions() {
    data_.query = [this, query = data_.query](const std::string& sql) {
      note(sql);
      return query(sql);
    };
    data_.view_of = [this, view_of = data_.view_of](const std::string& dataset) {
      ++asked_.schemas;
      return view_of(dataset);
    };
    data_.schema_of = [this, schema_of = data_.schema_of](const std::string& view) {
      ++asked_.schemas;
      return schema_of(view);
    };
    earlier_ = [this](const std::string& key, DataTime before) {
      ++asked_.earlier;
      return std::vector<HistoryRecord>{{key, before - std::chrono::days(1), int64_t{1}}};
    };
  }
  void note(const std::string& sql) {
    ++asked_.statements;
    asked_.bytes += sql.size();
    for (size_t at = sql.find("COUNT("); at != std::string::npos; at = sql.find("COUNT(", at + 1)) ++asked_.expressions;
  }

  // What `count` checks ask for, each another one: of every kind, five times as many aggregates as other questions.
  static std::string checks(int count) {
    std::string out = "checks for wide:\n";
    for (int i = 0; i < count; ++i) {
      const std::string column = fmt::format("c{}", i % 300);
      const int most = 1000 + i;
      if (i % 10 == 0) {
        out += fmt::format("  - change for valid_count({}) < {}:\n      valid max: {}\n", column, most, most);
      } else if (i % 50 == 1) {
        out += fmt::format("  - values in ({}) must exist in wide (c{}):\n      name: n{}\n", column, i % 299, i);
      } else if (i % 50 == 2) {
        out += fmt::format("  - own < {}:\n      own query: SELECT COUNT(*) + {} FROM wide\n", most * 2, i);
      } else {
        out += fmt::format("  - invalid_count({}) = 0:\n      valid max: {}\n", column, most);
      }
    }
    return out;
  }

  Asked scanned(int count) {
    asked_ = {};
    const ScanResult result = scan_text(checks(count));
    EXPECT_EQ(errors_of(result), "");
    EXPECT_EQ(result.checks.size(), static_cast<size_t>(count));
    return asked_;
  }

  // What it takes to see that all of them bind; `more` is checks that stand behind them.
  Asked bound(int count, const std::string& more = "", size_t faults = 0) {
    const ChecksFile file(checks(count) + more);
    const Explanation explanation = explain({{file.path()}, variables_, now_, false}, data_);
    asked_ = {};
    std::vector<ScanError> errors;
    bind_queries(
        explanation,
        [this](const std::string& sql) {
          note(sql);
          db_.query("select * from (" + sql + ") as bound limit 0");
        },
        errors);
    EXPECT_EQ(errors.size(), faults);
    return asked_;
  }

  Asked asked_;
};

// Four times the checks: at most four times as much, and what is asked once.
void expect_linear(const Asked& some, const Asked& many) {
  const auto expect = [](const char* what, size_t few, size_t most) { EXPECT_LE(most, 4 * few + 8) << what; };
  expect("statements", some.statements, many.statements);
  expect("expressions", some.expressions, many.expressions);
  expect("bytes", some.bytes + some.bytes / 20, many.bytes);  // numbers are longer behind the thousandth
  expect("schemas", some.schemas, many.schemas);
  expect("earlier measurements", some.earlier, many.earlier);
}

TEST_F(Scaling, WhatAScanAsksGrowsAsItsChecks) {
  const Asked some = scanned(250);
  const Asked many = scanned(1000);
  expect_linear(some, many);
  EXPECT_LE(many.statements, 1000 / 50 + 40) << "aggregates share queries; 40 checks have their own";
}

TEST_F(Scaling, WhatBindingAsksGrowsAsTheChecks) {
  const Asked some = bound(250);
  const Asked many = bound(1000);
  expect_linear(some, many);
  EXPECT_LE(many.statements, 1000 / 50 + 40) << "a statement for each check took seconds over a wide table";
}

TEST_F(Scaling, ACheckThatDoesNotBindCostsItsNeighboursOnly) {
  const Asked whole = bound(1000);
  const Asked broken = bound(1000, "  - failed rows:\n      fail condition: nope > 1\n", 1);
  EXPECT_LE(broken.statements, whole.statements + 51);
}

}  // namespace
}  // namespace metl::quality::test
