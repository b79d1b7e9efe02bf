// What the files of an input hold, as a pipeline declares it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/type.h"
#include "engine/engine.h"

namespace metl::source {

struct Contents {
  Schema columns;
  std::optional<engine::TextFormat> text = std::nullopt;  // none: Parquet
  bool recursive = false;                                 // files of sub-folders are data too

  std::string format() const;                // "Parquet", "CSV", "JSON"
  std::vector<std::string> endings() const;  // of the files' names, in lower case
  bool has_ending_of(const std::string& name) const;
};

}  // namespace metl::source
