#include "quality/yaml_guard.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <sstream>
#include <vector>

#include "base/error.h"

namespace metl::quality {
namespace {

constexpr size_t kMaxDepth = 64;
constexpr uint64_t kMaxNodes = 1'000'000;

class Guard : public YAML::EventHandler {
 public:
  explicit Guard(const std::string& file) : file_(file) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, anchor, 1); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string&) override {
    leaf(mark, anchor, 1);
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
    if (levels_.back().nodes > kMaxNodes) refuse(mark, "the file unfolds to more than a million values");
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
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, uint64_t> sizes_;
};

}  // namespace

void refuse_huge_yaml(const std::string& text, const std::string& file) {
  std::istringstream stream(text);
  try {
    YAML::Parser parser(stream);
    Guard guard(file);
    parser.HandleNextDocument(guard);
  } catch (const YAML::Exception&) {
    // base/yaml.h will say it with its place
  }
}

}  // namespace metl::quality
