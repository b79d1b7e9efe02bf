#include "quality/sources.h"

#include <fmt/format.h>

#include "base/text.h"

namespace metl::quality {

size_t Sources::index_of(const std::string& dataset, const std::string& partition, const Location& at) {
  Source source{dataset, partition, "", "", {}};
  if (!partition.empty()) {
    const Text where = where_of(dataset, partition, variables_, at);
    source.where = embed(where.text, where.at);
  }
  for (size_t i = 0; i < plan_.sources.size(); ++i) {
    const Source& known = plan_.sources[i];
    if (known.dataset == dataset && known.partition == partition && known.where == source.where) return i;
  }
  if (!dataset.empty()) {
    source.view = view_of(dataset, at);
    source.schema = data_.schema_of(source.view);
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

Text Sources::where_of(const std::string& dataset, const std::string& partition, const Variables& variables,
                       const Location& at) const {
  std::vector<std::string> known;
  for (const auto& filter : document_.filters) {
    if (variables_.fill(filter.dataset.text, filter.where.at) != dataset) continue;
    known.push_back(filter.partition);
    if (filter.partition == partition) return {variables.fill(filter.where), filter.where.at};
  }
  throw Problem{
      at, fmt::format(
              "the filter [{}] of dataset '{}' is not declared in this file.{} It needs a section 'filter {} [{}]:' "
              "with 'where: ...'",
              partition, dataset, text::did_you_mean(partition, known), dataset, partition)};
}

std::vector<std::pair<std::string, Validity>> Sources::configured_for(const std::string& dataset) const {
  std::vector<std::pair<std::string, Validity>> out;
  for (const auto& section : document_.configurations) {
    if (variables_.fill(section.dataset.text, {document_.file, 0, 0}) != dataset) continue;
    out.insert(out.end(), section.columns.begin(), section.columns.end());
  }
  return out;
}

}  // namespace metl::quality
