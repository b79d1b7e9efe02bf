#include "app/sensitive_columns.h"

#include <algorithm>

#include "app/embedded_engine.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "quality/model/sensitive.h"
#include "table/table.h"

namespace metl::app {
namespace {

// Takes out of `unknown` what is a column of this schema or a field in one; the columns' names go into `known`.
void look_through(const Schema& columns, std::vector<std::string>& unknown, std::vector<std::string>& known) {
  for (const auto& column : columns) {
    known.push_back(column.name);
    std::erase_if(unknown, [&](const std::string& name) { return quality::SensitiveColumns({name}).hold(column); });
  }
}

void look_through(const pipeline::Definition& definition, std::vector<std::string>& unknown,
                  std::vector<std::string>& known) {
  look_through(definition.source.contents.columns, unknown, known);
  for (const auto& input : definition.inputs) look_through(input.contents.columns, unknown, known);
  look_through(definition.target_columns, unknown, known);
}

void look_through(table::Catalog& catalog, std::vector<std::string>& unknown, std::vector<std::string>& known) {
  for (const auto& one : catalog.tables()) {
    if (unknown.empty()) return;
    if (const auto table = table::Table::open(one.location)) look_through(table->columns(), unknown, known);
  }
}

}  // namespace

void require_known_sensitive_columns(const config::Settings& settings, table::Catalog* catalog,
                                     const std::vector<Schema>& given) {
  std::vector<std::string> unknown = sensitive_columns(settings);
  std::vector<std::string> known;
  if (unknown.empty()) return;
  for (const auto& columns : given) look_through(columns, unknown, known);
  const std::string folder = settings.path("pipelines.location");
  for (const auto& name : pipeline::pipeline_names(folder)) {
    try {
      look_through(pipeline::load_definition(folder, name), unknown, known);
    } catch (const Error& e) {
      log::debug("pipeline {} cannot be read, so its columns are not known: {}", name, e.message());
    }
  }
  if (!unknown.empty() && catalog != nullptr) look_through(*catalog, unknown, known);
  if (unknown.empty()) return;
  std::vector<std::string> named;
  for (const auto& name : unknown) named.push_back(fmt::format("'{}'.{}", name, text::did_you_mean(name, known)));
  throw Error(Cause::kConfiguration,
              fmt::format("checks.sensitive_columns ({}) names what is no column of any pipeline or table: {}",
                          settings.origin("checks.sensitive_columns"), fmt::join(named, " ")),
              "Correct the name: as it is, it hides nothing.");
}

}  // namespace metl::app
