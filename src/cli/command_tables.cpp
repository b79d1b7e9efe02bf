// movies-etl tables
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/catalog.h"
#include "app/storage.h"
#include "base/environment.h"
#include "base/location.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "storage/store.h"
#include "table/table.h"

namespace metl::cli {
namespace {

struct Row {
  table::CatalogTable table;
  std::string version = {};
  std::string last_commit = {};  // UTC
  std::string error = {};  // why the table cannot be opened: other engines may use what this program does not know
};

Row row_of(const table::CatalogTable& table) {
  try {
    const auto opened = table::Table::open(table.location);
    if (!opened) return {.table = table, .error = "there is no Delta table at its location"};
    return {.table = table,
            .version = fmt::format("{}", opened->version()),
            .last_commit = iso_utc(opened->committed_millis())};
  } catch (const Error& e) {
    return {.table = table, .error = e.message()};
  }
}

void print_json(const std::string& kind, const std::vector<Row>& rows) {
  nlohmann::ordered_json tables = nlohmann::ordered_json::array();
  for (const auto& [table, version, last_commit, error] : rows) {
    nlohmann::ordered_json one{{"name", table.name}, {"location", table.location}};
    if (error.empty()) {
      one["version"] = std::stoull(version);
      one["last_commit"] = last_commit;
    } else {
      one["error"] = error;
    }
    tables.push_back(one);
  }
  const nlohmann::ordered_json document{{"catalog", kind}, {"tables", tables}};
  print_document(document);
}

void print_text(const std::vector<Row>& rows) {
  size_t width = 5;
  for (const auto& row : rows) width = std::max(width, row.table.name.size());
  print("{:<{}}  VERSION  {:<24}  LOCATION\n", "TABLE", width, "LAST COMMIT");
  for (const auto& [table, version, last_commit, error] : rows) {
    print("{:<{}}  {:>7}  {:<24}  {}\n", table.name, width, version.empty() ? "-" : version,
          last_commit.empty() ? "-" : last_commit, table.location);
    if (!error.empty()) print("{:<{}}  {}\n", "", width, error);
  }
}

// A catalog of local tables asks for no access to stores, and one that knows tables in several does not fail for those
// that cannot be reached: their rows say so.
std::vector<table::CatalogTable> tables_of(const config::Settings& settings) {
  const std::string warehouse = settings.path("data.curated.location");
  app::open_storage(&settings, process_variables(), {{"data.curated.location", warehouse}});
  auto tables = app::open_catalog(settings)->tables();
  const bool elsewhere =
      std::any_of(tables.begin(), tables.end(), [](const auto& one) { return is_remote(one.location); });
  if (elsewhere && !is_remote(warehouse)) storage::use_storage(app::resolve_storage(&settings, process_variables()));
  return tables;
}

int tables_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  std::vector<Row> rows;
  for (const auto& table : tables_of(settings)) rows.push_back(row_of(table));
  if (invocation.output_json) {
    print_json(settings.get_string("catalog.kind"), rows);
  } else {
    print_text(rows);
  }
  return static_cast<int>(ExitCode::kDone);
}

Command this_command() {
  return {
      .name = "tables",
      .rank = 40,
      .summary = "List the tables of the catalog",
      .description =
          "Lists the Delta tables that the catalog knows, with the version and the time of their last commit. "
          "The catalog is the folders of the warehouse or a Hive metastore, as catalog.kind says.",
      .examples = {"movies-etl tables", "movies-etl tables --env live --output json"},
      .flags = joined(settings_flags(), output_flag()),
      .run = tables_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
