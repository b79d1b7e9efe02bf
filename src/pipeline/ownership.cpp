#include "pipeline/ownership.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"

namespace metl::pipeline {
namespace {

// The pipeline that a commit of this program names in its user metadata; empty for another's commit.
std::optional<std::string> named_pipeline(const std::string& user_metadata) {
  const auto json = nlohmann::json::parse(user_metadata, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto program = json.find("program");
  const auto pipeline = json.find("pipeline");
  if (program == json.end() || !program->is_string() || pipeline == json.end() || !pipeline->is_string())
    return std::nullopt;
  if (!program->get_ref<const std::string&>().starts_with("movies-etl")) return std::nullopt;
  return pipeline->get<std::string>();
}

}  // namespace

std::map<std::string, std::string> claim(const table::Table& table, const std::string& pipeline, bool take_over) {
  const auto property = table.properties().find(kOwnerProperty);
  const bool recorded = property != table.properties().end();
  std::optional<std::string> owner;
  if (recorded) {
    owner = property->second;
  } else {
    table.visit_user_metadata([&](const std::string& text) {
      owner = named_pipeline(text);
      return !owner.has_value();
    });
  }
  if (owner && *owner != pipeline && !take_over) {
    throw Error(Cause::kConfiguration,
                fmt::format("the table at {} belongs to pipeline '{}', and pipeline '{}' was to write it", table.root(),
                            *owner, pipeline),
                fmt::format("Each would replace the other's days. Name a table of its own as target.table in the "
                            "pipeline.yaml of '{}', or let it have this one for good with --take-over.",
                            pipeline));
  }
  if (recorded && *owner == pipeline) return {};
  return {{kOwnerProperty, pipeline}};
}

}  // namespace metl::pipeline
