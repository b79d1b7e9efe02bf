// A file of pipelines/X/tests as it is written: what is given to the pipeline, and what is to come of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/type.h"
#include "base/yaml.h"

namespace metl::pipeline::tests {

// What a pipeline reads, by its name in SQL.
struct Input {
  std::string name;
  Schema columns;  // none: pipeline.yaml does not say, because it is a table
};

// Rows where they are written: in the test, or in a file beside it.
struct WrittenRows {
  yaml::Node node;   // a list of rows; with a file what names it
  std::string path;  // of the file; "" for none
  Schema columns{};  // that they are for
};

struct ExpectedCheck {
  std::string name;
  std::string outcome;  // "pass", "warn" or "fail"
  Place place;
};

struct Expectation {
  std::optional<WrittenRows> rows;
  bool ordered = false;  // whether the rows come out in this order
  std::optional<int64_t> count;
  std::optional<int64_t> duplicates;
  std::optional<std::string> error;  // what the message of the error contains
  std::vector<ExpectedCheck> checks;
};

struct Test {
  std::string name;
  std::string file;
  Place place;
  Date day;
  std::map<std::string, WrittenRows> given;  // by input
  Expectation expect;
};

// The tests of a file, which give rows to all of these inputs and expect rows of the columns `target`. Throws
// Error{kConfiguration} with file:line:column for what is not a test.
std::vector<Test> read_tests(const std::string& file, const std::vector<Input>& inputs, const Schema& target);

// "ndjson", "csv" or "parquet", by the end of a file's name; "" for another one.
std::string format_of(const std::string& path);

}  // namespace metl::pipeline::tests
