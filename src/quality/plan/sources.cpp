#include "quality/plan/sources.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "quality/plan/validity.h"

namespace metl::quality {

const ConfiguredColumns& Configurations::of(const std::string& dataset) {
  const auto [known, is_new] = known_.try_emplace(dataset);
  ConfiguredColumns& out = known->second;
  if (!is_new) return out;
  try {
    for (const auto& document : documents_) {
      for (const auto& section : document.configurations) {
        if (variables_.fill(section.dataset.text, {document.file, 0, 0}) != dataset) continue;
        for (const auto& [written, settings] : section.columns) {
          const std::string name = variables_.fill(written, {document.file, 0, 0});
          const auto column = std::find_if(out.begin(), out.end(), [&](const auto& other) {
            return text::to_lower(other.first) == text::to_lower(name);
          });
          if (column == out.end())
            out.emplace_back(name, settings);
          else
            column->second = overridden(column->second, settings);
        }
      }
    }
  } catch (const Problem&) {
    known_.erase(known);
    throw;
  }
  return out;
}

size_t Sources::index_of(const std::string& dataset, const std::string& partition, const Location& at) {
  Source source{dataset, partition, "", "", {}};
  if (!partition.empty()) {
    const Text where = where_of(dataset, partition, variables_, at);
    source.where = embed(where.text, where.at);
  }
  return index_of(std::move(source), at);
}

size_t Sources::last_index_of(const std::string& dataset, const std::string& partition, const Location& at) {
  if (partition.empty()) return index_of(dataset, partition, at);
  where_of(dataset, partition, variables_, at);
  Source source{dataset, partition, "", "", {}};
  for (const auto& document : all_) {
    if (const FilterSection* filter = filter_of(document, dataset, partition))
      source.where = embed(variables_.fill(filter->where), filter->where.at);
  }
  return index_of(std::move(source), at);
}

size_t Sources::index_of(Source source, const Location& at) {
  for (size_t i = 0; i < plan_.sources.size(); ++i) {
    const Source& known = plan_.sources[i];
    if (known.dataset == source.dataset && known.partition == source.partition && known.where == source.where) return i;
  }
  if (!source.dataset.empty()) {
    source.view = view_of(source.dataset, at);
    source.schema = data_.schema_of(source.view);
    if (!source.where.empty() && data_.narrowed) source.view = data_.narrowed(source.view, source.where);
  }
  plan_.sources.push_back(std::move(source));
  return plan_.sources.size() - 1;
}

std::string Sources::view_of(const std::string& dataset, const Location& at) const {
  if (auto view = data_.view_of(dataset)) return *view;
  std::string hint;
  if (data_.datasets) hint = text::did_you_mean(dataset, data_.datasets());
  throw Problem{at, fmt::format("there is no dataset '{}'.{}", dataset, hint)};
}

const FilterSection* Sources::filter_of(const Document& document, const std::string& dataset,
                                        const std::string& partition) const {
  for (const auto& filter : document.filters) {
    if (filter.partition == partition && variables_.fill(filter.dataset.text, filter.where.at) == dataset)
      return &filter;
  }
  return nullptr;
}

Text Sources::where_of(const std::string& dataset, const std::string& partition, const Variables& variables,
                       const Location& at) const {
  if (const FilterSection* filter = filter_of(document_, dataset, partition))
    return {variables.fill(filter->where), filter->where.at};
  std::vector<std::string> known;
  for (const auto& filter : document_.filters) {
    if (variables_.fill(filter.dataset.text, filter.where.at) == dataset) known.push_back(filter.partition);
  }
  throw Problem{
      at, fmt::format(
              "the filter [{}] of dataset '{}' is not declared in this file.{} It needs a section 'filter {} [{}]:' "
              "with 'where: ...'",
              partition, dataset, text::did_you_mean(partition, known), dataset, partition)};
}

}  // namespace metl::quality
