#include "quality/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "quality/plan/plan_check.h"
#include "quality/plan/validity.h"
#include "quality/syntax/document.h"

namespace metl::quality {
namespace {

// What may stand in front of a dataset's name in patterns.
std::string data_source_prefix() { return std::string(kDataSource) + "."; }

// Fills a text in, unless that is for later: what cannot be filled in is said where it is used, and what a variable
// holds is not looked at again.
void fill_early(std::string& text, const Variables& variables) {
  try {
    std::string filled = variables.fill(text, {});
    if (filled.find("${") == std::string::npos) text = std::move(filled);
  } catch (const Problem&) {  // NOLINT(bugprone-empty-catch): see above
  }
}

// What belongs to a document's own place in the row of documents, whatever later ones declare: the datasets that its
// headers name and, as all files share them, what it says about columns. (To Soda Core such settings are texts that are
// filled in when the data is asked.)
void fill_what_is_of_its_place(Document& document, const Variables& variables, bool compat) {
  for (auto& filter : document.filters) fill_early(filter.dataset.text, variables);
  for (auto& [dataset, partition] : document.mentions) fill_early(dataset.text, variables);
  for (auto& section : document.sections) {
    if (auto* checks = std::get_if<ChecksSection>(&section)) fill_early(checks->dataset.text, variables);
  }
  for (auto& configuration : document.configurations) {
    fill_early(configuration.dataset.text, variables);
    if (compat) continue;
    for (auto& [column, settings] : configuration.columns) {
      fill_early(column, variables);
      change_texts(settings, [&](Text& text) { fill_early(text.text, variables); });
    }
  }
}

class Planner {
 public:
  Planner(const Document& document, const std::vector<Document>& all, Planning& shared)
      : document_(document), sources_(document, all, shared.variables, shared.data, shared.plan), planning_(shared) {
    planning_.sources = &sources_;
  }

  void run() {
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
      guarded(planning_.errors, section.at, [&] {
        planning_.plan.surveys.push_back(section);
        for (auto& [include, pattern] : planning_.plan.surveys.back().patterns)
          pattern = planning_.variables.fill(pattern, section.at);
        refuse_quotes(planning_.plan.surveys.back().patterns, section.at);
      });
    }
  }

 private:
  void plan_section(const ChecksSection& section) {
    planning_.title = section.title;
    std::string dataset = section.dataset.text;
    std::optional<size_t> source;
    guarded(planning_.errors, section.at, [&] {
      dataset = planning_.variables.fill(dataset, section.at);
      planning_.own_source = sources_.index_of(dataset, section.partition, section.at);
      source = planning_.compat ? sources_.last_index_of(dataset, section.partition, section.at) : planning_.own_source;
    });
    for (const auto& check : section.checks) plan_check(check, dataset, section.partition, source, planning_);
  }

  void plan_section(const ForEachSection& section) {
    guarded(planning_.errors, section.at, [&] {
      for (const auto& name : datasets_of(section)) {
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

  // In order. Throws Problem when there is none.
  std::vector<std::string> datasets_of(const ForEachSection& section) {
    const auto& data = planning_.data;
    if (!data.datasets)
      throw Problem{section.at,
                    fmt::format("not supported here: '{}', as the datasets are not known by name", section.title)};
    const std::vector<std::string> known = data.datasets();
    auto patterns = section.patterns;
    for (auto& [include, pattern] : patterns) pattern = planning_.variables.fill(pattern, section.at);
    refuse_quotes(patterns, section.at);
    note_what_matches_nothing(patterns, known, section);
    const std::string prefix = data_source_prefix();
    for (size_t i = patterns.size(); i-- > 0;) {
      const auto [include, pattern] = patterns[i];
      if (pattern.starts_with(prefix)) patterns.emplace_back(include, pattern.substr(prefix.size()));
    }
    std::vector<std::string> names = known;
    std::sort(names.begin(), names.end());
    std::erase_if(names, [&](const std::string& name) { return !is_meant(patterns, name); });
    if (names.empty() && !planning_.compat)
      throw Problem{section.at, fmt::format("'{}' matches no dataset: nothing would be checked", section.title)};
    return names;
  }

  using Patterns = std::vector<std::pair<bool, std::string>>;

  void refuse_quotes(const Patterns& patterns, const Location& at) {
    for (const auto& [include, pattern] : patterns) {
      if (pattern.find_first_of("'\"`") != std::string::npos)
        planning_.errors.push_back({at, fmt::format("{} holds a quote, which is then part of the name that is looked "
                                                    "for; write it without",
                                                    pattern)});
    }
  }

  // A name in full that there is not is a slip; so is a data source that there is not.
  void note_what_matches_nothing(const Patterns& patterns, const std::vector<std::string>& known,
                                 const ForEachSection& section) {
    const std::string prefix = data_source_prefix();
    for (const auto& [include, pattern] : patterns) {
      const std::string plain = pattern.starts_with(prefix) ? pattern.substr(prefix.size()) : pattern;
      const bool other_source = plain.find('.') != std::string::npos;
      const bool whole_name = plain.find('%') == std::string::npos && !planning_.compat;
      if (!include || (!other_source && !whole_name)) continue;
      const bool found = std::any_of(known.begin(), known.end(), [&, &pattern = pattern](const auto& dataset) {
        return is_meant({{true, pattern}, {true, plain}}, dataset);
      });
      if (!found) {
        planning_.errors.push_back({section.at, fmt::format("'{}' of '{}' matches no dataset.{}", pattern,
                                                            section.title, text::did_you_mean(plain, known))});
      }
    }
  }

  const Document& document_;
  Sources sources_;
  Planning& planning_;
};

}  // namespace

void plan_documents(std::vector<Document> documents, Variables& variables, const DataAccess& data, bool compat,
                    Plan& plan, std::vector<ScanError>& errors) {
  // Each sees what files before it declare. To Soda Core, what the last one declares holds for all.
  Variables so_far = variables;
  for (auto& document : documents) {
    for (const auto& [name, value] : document.variables) {
      try {
        so_far.declare(name, value);
      } catch (const Problem&) {  // NOLINT(bugprone-empty-catch): said below
      }
    }
    fill_what_is_of_its_place(document, so_far, compat);
  }
  Configurations configurations(documents, variables);
  Planning planning{variables, data, compat, plan, configurations, errors};
  const auto declare = [&](const Document& document) {
    for (const auto& [name, value] : document.variables) {
      guarded(planning.errors, {}, [&, name = name, value = value] { variables.declare(name, value); });
    }
  };
  if (compat) std::for_each(documents.begin(), documents.end(), declare);
  for (const auto& document : documents) {
    if (!compat) declare(document);
    Planner(document, documents, planning).run();
  }
}

ScanError no_check(const ScanRequest& request) {
  return {{request.files.empty() ? "" : request.files.front(), 0, 0},
          "there is no check in the checks files: nothing was checked"};
}

Plan plan_of(const ScanRequest& request, const DataAccess& data, Findings& findings) {
  Variables variables(request.variables, request.now, request.compat);
  std::vector<Document> documents;
  for (const auto& file : request.files) documents.push_back(read_document(file, findings));
  Plan plan;
  plan.sensitive = SensitiveColumns(request.sensitive_columns);
  plan_documents(std::move(documents), variables, data, request.compat, plan, findings.errors);
  return plan;
}

}  // namespace metl::quality
