// docs/configuration.md tells the truth: its table is that of the program, and each example prints what it says.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/parse.h"
#include "config/keys.h"

namespace metl::cli {
namespace {

namespace fs = std::filesystem;

std::string read_document(const std::string& name = "docs/configuration.md") {
  std::ostringstream text;
  text << std::ifstream(std::string(METL_SOURCE_DIR) + "/" + name).rdbuf();
  return text.str();
}

struct Block {
  std::string kind;  // "yaml", "console"
  std::string first;
  std::string rest;
};

std::vector<Block> blocks(const std::string& document) {
  std::vector<Block> out;
  std::istringstream lines(document);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("```") || line == "```") continue;
    Block block{line.substr(3), "", ""};
    std::getline(lines, block.first);
    while (std::getline(lines, line) && line != "```") block.rest += line + "\n";
    out.push_back(block);
  }
  return out;
}

// Column widths depend on the length of the folder's name.
std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' || !out.ends_with(' ')) out += c;
  }
  return out;
}

// Runs "VAR=x movies-etl words..." in this process; gives what it prints.
std::string printed(const std::string& command) {
  std::vector<std::string> words;
  std::vector<std::string> variables;
  bool named = false;
  for (const auto& word : text::split(command, ' ')) {
    if (named) {
      words.push_back(word);
    } else if (word == "movies-etl") {
      named = true;
    } else {
      const size_t equals = word.find('=');
      variables.push_back(word.substr(0, equals));
      setenv(variables.back().c_str(), word.substr(equals + 1).c_str(), 1);
    }
  }
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Invocation invocation;
  try {
    parse(words, invocation);
    EXPECT_EQ(execute(invocation), 0);
  } catch (const Error& e) {
    EXPECT_EQ(report(e, invocation), 78);
  }
  for (const auto& name : variables) unsetenv(name.c_str());
  const std::string out = testing::internal::GetCapturedStdout();
  return out + testing::internal::GetCapturedStderr();
}

TEST(Documentation, ExamplesPrintWhatTheySay) {
  const fs::path before = fs::current_path();
  const fs::path folder = fs::temp_directory_path() / ("metl-docs-" + std::to_string(getpid()));
  fs::create_directories(folder);
  fs::copy_file(std::string(METL_SOURCE_DIR) + "/app_config.yaml", folder / "app_config.yaml");
  fs::current_path(folder);
  int examples = 0;
  for (const auto& block : blocks(read_document())) {
    if (block.kind == "yaml" && block.first.starts_with("# ")) {
      std::ofstream(folder / block.first.substr(2)) << block.first << "\n" << block.rest;
    }
    if (block.kind != "console") continue;
    ++examples;
    std::string expected = block.rest;
    std::string actual = text::replace_all(printed(block.first.substr(2)), folder.string(), "/opt/movies-etl");
    if (expected.ends_with("...\n")) {  // the beginning is shown
      expected.resize(expected.size() - 4);
      actual.resize(std::min(actual.size(), expected.size()));
    }
    EXPECT_EQ(squeezed(actual), squeezed(expected)) << block.first;
    if (expected.starts_with("error:")) fs::remove(folder / "app_config.local.yaml");
  }
  fs::current_path(before);
  fs::remove_all(folder);
  EXPECT_EQ(examples, 9);
}

TEST(Documentation, EveryExitCodeMeansTheSameEverywhere) {
  const std::string readme = read_document("README.md");
  const std::string operations = read_document("docs/operations.md");
  const std::string help = squeezed(text::replace_all(printed("movies-etl --help"), "\n", " "));
  const std::string manual = printed("movies-etl manual --format markdown");
  for (const auto& [code, meaning] : exit_codes()) {
    const std::string row = fmt::format("\n| {} | {} |", static_cast<int>(code), meaning);
    EXPECT_THAT(readme, testing::HasSubstr(row + "\n"));
    EXPECT_THAT(operations, testing::HasSubstr(row));
    EXPECT_THAT(manual, testing::HasSubstr(row + "\n"));
    EXPECT_THAT(help, testing::HasSubstr(fmt::format(" {} {}", static_cast<int>(code), meaning)));
  }
  // Nor is there a row of a code that the program does not have.
  const size_t first = readme.find("\n| 0 | ");
  size_t rows = 0;
  for (const auto& line : text::split(readme.substr(first + 1), '\n')) {
    if (!line.starts_with("| ")) break;
    ++rows;
  }
  EXPECT_EQ(rows, exit_codes().size());
}

TEST(Documentation, ListsEverySetting) {
  std::string table = "| Setting | Is | Default | |\n|---|---|---|---|\n";
  for (const auto& key : config::known_keys()) {
    const std::string fallback = !key.default_text           ? ""
                                 : key.default_text->empty() ? "empty"
                                                             : fmt::format("`{}`", *key.default_text);
    table += fmt::format("| `{}` | {} | {} | {} |\n", key.name, config::expectation(key), fallback, key.description);
  }
  EXPECT_THAT(read_document(), testing::HasSubstr(table + "\n"));
}

}  // namespace
}  // namespace metl::cli
