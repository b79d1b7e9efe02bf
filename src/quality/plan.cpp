#include "quality/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "quality/plan_check.h"
#include "quality/survey.h"

namespace metl::quality {
namespace {

class Planner {
 public:
  Planner(const Document& document, Variables& variables, const DataAccess& data, bool compat, Plan& plan,
          std::vector<ScanError>& errors)
      : document_(document), sources_(document, variables, data, plan), planning_{variables, data,     compat,
                                                                                  plan,      sources_, errors} {}

  void run() {
    for (const auto& [name, value] : document_.variables) {
      planning_.guarded({}, [this, name = name, value = value] { planning_.variables.declare(name, value); });
    }
    for (const auto& [dataset, partition] : document_.mentions) {
      try {
        planning_.plan.mentions.emplace_back(planning_.variables.fill(dataset.text, {}), partition);
      } catch (const Problem&) {  // NOLINT(bugprone-empty-catch): its section says so
      }
    }
    for (const auto& section : document_.sections) {
      std::visit([this](const auto& part) { plan_section(part); }, section);
    }
    for (const auto& section : document_.surveys) {
      planning_.guarded(section.at, [&] {
        planning_.plan.surveys.push_back(section);
        for (auto& [include, pattern] : planning_.plan.surveys.back().patterns)
          pattern = planning_.variables.fill(pattern, section.at);
      });
    }
  }

 private:
  void plan_section(const ChecksSection& section) {
    planning_.title = section.title;
    std::string dataset = section.dataset.text;
    std::optional<size_t> source;
    planning_.guarded(section.at, [&] {
      dataset = planning_.variables.fill(dataset, section.at);
      source = sources_.index_of(dataset, section.partition, section.at);
    });
    for (const auto& check : section.checks) plan_check(check, dataset, section.partition, source, planning_);
  }

  void plan_section(const ForEachSection& section) {
    planning_.guarded(section.at, [&] {
      const auto& data = planning_.data;
      if (!data.datasets)
        throw Problem{section.at,
                      fmt::format("not supported here: '{}', as the datasets are not known by name", section.title)};
      std::vector<std::string> names = data.datasets();
      std::sort(names.begin(), names.end());
      auto patterns = section.patterns;
      for (auto& [include, pattern] : patterns) pattern = planning_.variables.fill(pattern, section.at);
      std::erase_if(names, [&](const std::string& name) { return !is_meant(patterns, name); });
      if (names.empty() && !planning_.compat)
        throw Problem{section.at, fmt::format("'{}' matches no dataset: nothing would be checked", section.title)};
      for (const auto& name : names) {
        planning_.variables.bind(section.variable, name);
        // The title that Soda Core gives it: part of the checks' identity.
        plan_section(ChecksSection{{name, true},
                                   "",
                                   section.at,
                                   section.checks,
                                   fmt::format("checks for {} being {}", section.variable, name)});
      }
    });
    planning_.variables.unbind();
  }

  const Document& document_;
  Sources sources_;
  Planning planning_;
};

}  // namespace

void plan_document(const Document& document, Variables& variables, const DataAccess& data, bool compat, Plan& plan,
                   std::vector<ScanError>& errors) {
  Planner(document, variables, data, compat, plan, errors).run();
}

}  // namespace metl::quality
