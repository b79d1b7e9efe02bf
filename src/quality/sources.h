// The datasets and filters of one document, as a plan's sources.
#pragma once

#include <string>
#include <vector>

#include "quality/plan.h"

namespace metl::quality {

class Sources {
 public:
  // All outlive this object.
  Sources(const Document& document, const Variables& variables, const DataAccess& data, Plan& plan)
      : document_(document), variables_(variables), data_(data), plan_(plan) {}

  // The index in plan.sources, new or known. An empty dataset is the data source itself. Throws Problem for a dataset
  // or filter that does not exist, and what DataAccess throws.
  size_t index_of(const std::string& dataset, const std::string& partition, const Location& at);

  // Throws Problem when there is no such dataset.
  std::string view_of(const std::string& dataset, const Location& at) const;

  // The condition of a declared filter, with `variables` filled in. Throws Problem when it is not declared.
  Text where_of(const std::string& dataset, const std::string& partition, const Variables& variables,
                const Location& at) const;

  // What `configurations for` says about the dataset's columns.
  std::vector<std::pair<std::string, Validity>> configured_for(const std::string& dataset) const;

 private:
  const Document& document_;
  const Variables& variables_;
  const DataAccess& data_;
  Plan& plan_;
};

}  // namespace metl::quality
