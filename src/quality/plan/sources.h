// The datasets and filters of one document, as a plan's sources; and what all documents say about columns.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "quality/plan/plan.h"

namespace metl::quality {

// A column and what counts as missing, valid and invalid in it.
using ConfiguredColumns = std::vector<std::pair<std::string, Validity>>;

// What the `configurations for` sections of a scan say: one in any of its files, before or behind, is about the checks
// of all. Where two of them say something else about a column, the later one holds.
class Configurations {
 public:
  // Both outlive this object.
  Configurations(const std::vector<Document>& documents, const Variables& variables)
      : documents_(documents), variables_(variables) {}

  // Of a dataset, a column once. Valid as long as this object. Throws Problem for a variable that is not defined.
  const ConfiguredColumns& of(const std::string& dataset);

 private:
  const std::vector<Document>& documents_;
  const Variables& variables_;
  std::map<std::string, ConfiguredColumns> known_;
};

class Sources {
 public:
  // All outlive this object; `document` is one of `all`.
  Sources(const Document& document, const std::vector<Document>& all, const Variables& variables,
          const DataAccess& data, Plan& plan)
      : document_(document), all_(all), variables_(variables), data_(data), plan_(plan) {}

  // The index in plan.sources, new or known. An empty dataset is the data source itself. Throws Problem for a dataset
  // or filter that does not exist, and what DataAccess throws.
  size_t index_of(const std::string& dataset, const std::string& partition, const Location& at);

  // The same, but with the last condition that any document gives the filter: what Soda Core takes, whose filters are
  // known by their name alone when the data is asked. This document must declare it nevertheless.
  size_t last_index_of(const std::string& dataset, const std::string& partition, const Location& at);

  // Throws Problem when there is no such dataset.
  std::string view_of(const std::string& dataset, const Location& at) const;

  // The condition of a filter that this document declares, with `variables` filled in. Throws Problem when it is not
  // declared.
  Text where_of(const std::string& dataset, const std::string& partition, const Variables& variables,
                const Location& at) const;

 private:
  size_t index_of(Source source, const Location& at);
  // Null when the document does not declare it.
  const FilterSection* filter_of(const Document& document, const std::string& dataset,
                                 const std::string& partition) const;

  const Document& document_;
  const std::vector<Document>& all_;
  const Variables& variables_;
  const DataAccess& data_;
  Plan& plan_;
};

}  // namespace metl::quality
