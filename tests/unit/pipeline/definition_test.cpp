#include "pipeline/definition.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/text.h"

namespace metl::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGood = R"(source:
  path: "{yyyy}/{MM}/{dd}"
  columns: {a: bigint, t: bigint}
dedupe:
  key: [a]
  order: [t]
transform: t.sql
target:
  partition: day
  columns:
    a: {type: bigint, comment: the key}
    day: string
checks: c.yaml
)";

class DefinitionFile : public ::testing::Test {
 protected:
  DefinitionFile() : folder_(fs::temp_directory_path() / fmt::format("metl-definition-{}", ::getpid())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "p");
    std::ofstream(folder_ / "p" / "t.sql") << "SELECT a FROM source;\n";
    std::ofstream(folder_ / "p" / "c.yaml") << "checks for t: [row_count > 0]\n";
  }
  ~DefinitionFile() override { fs::remove_all(folder_); }

  Definition load(const std::string& yaml) {
    std::ofstream(folder_ / "p" / "pipeline.yaml") << yaml;
    return load_definition(folder_, "p");
  }

  // The error's message without the folder.
  std::string error_of(const std::string& from, const std::string& to) {
    const std::string yaml = text::replace_all(kGood, from, to);
    try {
      load(yaml);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kConfig);
      return text::replace_all(e.message(), folder_.string() + "/", "");
    }
    return "no error";
  }

  fs::path folder_;
};

TEST_F(DefinitionFile, IsReadWhole) {
  const Definition pipeline = load(kGood);
  EXPECT_EQ(pipeline.transform, "SELECT a FROM source");
  EXPECT_EQ(pipeline.target_columns[0].comment, "the key");
  EXPECT_EQ(pipeline.staged_columns().size(), 1U);
  EXPECT_EQ(pipeline.source.on_empty_input, source::EmptyInput::kFail);
  EXPECT_EQ(pipeline.gate, Gate::kBeforePublish);
  EXPECT_EQ(pipeline.dedupe->order, std::vector<std::string>{"t"});
}

TEST_F(DefinitionFile, ErrorsSayWhereAndWhatToDo) {
  EXPECT_EQ(error_of("dedupe:", "dedup:"), "p/pipeline.yaml:4:1: unknown key 'dedup'. Did you mean 'dedupe'?");
  EXPECT_EQ(error_of("order: [t]", "order: [x]"),
            "p/pipeline.yaml:6:11: 'dedupe.order' names column 'x', which is not declared. Did you mean 'a'?");
  EXPECT_EQ(error_of("a: bigint", "a: bigin"), "p/pipeline.yaml:3:16: column 'a': 'bigin' is not a type");
  EXPECT_EQ(error_of("    day: string\n", ""),
            "p/pipeline.yaml:9:14: partition column 'day' must be declared in target.columns as string or date");
  EXPECT_EQ(error_of("checks: c.yaml\n", ""), "p/pipeline.yaml:1:1: Key 'checks' not found");
  EXPECT_EQ(error_of("checks: c.yaml", "checks: c.yaml\ngate: before"),
            "p/pipeline.yaml:14:7: 'gate' must be one of before_publish, after_publish, not 'before'.");
}

// Each value that leads somewhere, or is more than a word, says where it stands.
TEST_F(DefinitionFile, WrongValuesSayWhereTheyStand) {
  EXPECT_EQ(error_of("  path:", "  location: hdfs://host/raw\n  path:"),
            "p/pipeline.yaml:2:13: source.location is hdfs://host/raw: no store is known for hdfs://");
  EXPECT_EQ(error_of("  path:", "  location: ${LAKE}/raw\n  path:"),
            "p/pipeline.yaml:2:13: source.location is ${LAKE}/raw: '$' in it was never filled in");
  EXPECT_EQ(error_of("  partition: day", "  table: a.b.c\n  partition: day"),
            "p/pipeline.yaml:9:10: 'target.table' is 'a.b.c', which is not a table's name");
  EXPECT_EQ(error_of("transform: t.sql", "transform: no.sql"),
            "p/pipeline.yaml:7:12: 'transform' names p/no.sql, which does not exist");
  EXPECT_EQ(error_of("checks: c.yaml", "checks: ../no.yaml"),
            "p/pipeline.yaml:13:9: 'checks' names p/../no.yaml, which does not exist");
  EXPECT_EQ(error_of("  path: \"{yyyy}/{MM}/{dd}\"", "  path: '{yyyy}'"),
            "p/pipeline.yaml:2:9: source.path '{yyyy}': has no {MM}, so several days would be read from one folder");
}

TEST_F(DefinitionFile, WhatIsFoundWrongLaterSaysWhereItStandsToo) {
  const Definition pipeline = load(text::replace_all(text::replace_all(kGood, "  path:", "  location: raw\n  path:"),
                                                     "  partition: day", "  table: a.b\n  partition: day"));
  EXPECT_EQ(pipeline.source.location->place, (folder_ / "p/pipeline.yaml").string() + ":2:13: source.location");
  EXPECT_EQ(pipeline.target_table->place, (folder_ / "p/pipeline.yaml").string() + ":10:10: target.table");
}

TEST_F(DefinitionFile, AnUnknownPipelineListsTheKnownOnes) {
  load(kGood);
  try {
    load_definition(folder_, "pp");
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.message().find("there is no pipeline 'pp'"), std::string::npos);
    EXPECT_NE(e.message().find("Did you mean 'p'?"), std::string::npos) << e.message();
  }
}

TEST(ShippedPipeline, Loads) {
  const Definition pipeline = load_definition(METL_SOURCE_DIR "/pipelines", "movie_ratings");
  EXPECT_EQ(pipeline.target_columns.size(), 11U);
}

}  // namespace
}  // namespace metl::pipeline
