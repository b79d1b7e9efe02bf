#include "base/yaml_guard.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/unicode.h"

namespace metl::yaml {
namespace {

constexpr size_t kMaxDepth = 64;
constexpr uint64_t kMaxNodes = 1'000'000;
constexpr uint64_t kBytesOfNode = 64;  // a longer text counts as several

class Guard : public YAML::EventHandler {
 public:
  explicit Guard(const std::string& file) : file_(file) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(mark, "a second YAML document starts; put it into a file of its own");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, anchor, 1); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& text) override {
    leaf(mark, anchor, 1 + text.size() / kBytesOfNode);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = sizes_.find(anchor);
    if (known == sizes_.end()) refuse(mark, "an alias stands inside what it stands for");
    leaf(mark, YAML::NullAnchor, known->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    YAML::anchor_t anchor;
    uint64_t nodes;
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string_view message) const {
    throw Error(ExitCode::kConfig, fmt::format("{}:{}:{}: {}", file_, mark.line + 1, mark.column + 1, message));
  }
  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, uint64_t nodes) {
    if (anchor != YAML::NullAnchor) sizes_[anchor] = nodes;
    if (levels_.empty()) return;
    levels_.back().nodes += nodes;
    if (levels_.back().nodes > kMaxNodes)
      refuse(mark, "the file unfolds to more than a million values, or 64 MB of text");
  }
  void open(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (levels_.size() >= kMaxDepth) refuse(mark, fmt::format("more than {} levels inside one another", kMaxDepth));
    levels_.push_back({anchor, 1});
  }
  void close() {
    const Level level = levels_.back();
    levels_.pop_back();
    leaf({}, level.anchor, level.nodes);
  }

  const std::string& file_;
  int documents_ = 0;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, uint64_t> sizes_;
};

}  // namespace

void refuse_unreadable_bytes(const std::string& text, const std::string& file) {
  int line = 1;
  size_t line_start = 0;
  for (size_t at = 0; at < text.size();) {
    const text::CodePoint next = text::code_point(text, at);
    const bool space = next.code == '\n' || next.code == '\r' || next.code == '\t';
    if (!next.valid || (next.code < 0x20 && !space)) {
      throw Error(ExitCode::kConfig,
                  fmt::format("{}:{}:{}: byte 0x{:02x} is {}", file, line, at - line_start + 1, next.code,
                              next.valid ? "a control character; between double quotes it can be written as \\x.."
                                         : "not UTF-8; save the file as UTF-8"));
    }
    at += next.length;
    if (next.code != '\n') continue;
    ++line;
    line_start = at;
  }
}

void refuse_huge_yaml(const std::string& text, const std::string& file) {
  std::istringstream stream(text);
  bool first_is_whole = false;
  try {
    YAML::Parser parser(stream);
    Guard guard(file);
    first_is_whole = parser.HandleNextDocument(guard);
    parser.HandleNextDocument(guard);
  } catch (const YAML::Exception& e) {
    if (!first_is_whole) return;  // base/yaml.h will say it with its place
    throw Error(ExitCode::kConfig,
                fmt::format("{}:{}:{}: not valid YAML: {}", file, e.mark.line + 1, e.mark.column + 1, e.msg));
  }
}

}  // namespace metl::yaml
