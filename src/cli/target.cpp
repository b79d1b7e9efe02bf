#include "cli/target.h"

#include "app/catalog.h"
#include "app/embedded_engine.h"
#include "app/places.h"
#include "app/sensitive_columns.h"
#include "app/storage.h"
#include "base/environment.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/flag_values.h"

namespace metl::cli {

Target target_of(const Invocation& invocation) {
  config::Settings settings = load_settings(invocation);
  pipeline::Definition definition = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline);
  const std::string table = app::target_table(settings, definition);
  const std::string root = app::open_catalog(settings)->location_of(table);
  app::open_storage(&settings, process_variables(), {{"the location of " + table, root}});
  return {std::move(settings), std::move(definition), table, root};
}

table::Table newest_table(const Target& target) {
  auto table = table::Table::open(target.root);
  if (table) return std::move(*table);
  throw Error(Cause::kConfiguration, fmt::format("there is no table {} at {}", target.table, target.root),
              "The first `movies-etl run` makes it. See data.curated.location, data.curated.table and --env.");
}

std::vector<std::string> hidden_columns(const Target& target) {
  app::require_known_sensitive_columns(target.settings, app::open_catalog(target.settings).get());
  return app::sensitive_columns(target.settings);
}

table::Partition day_partition(const Target& target, const table::Table& table, const Date& day) {
  const auto& column = target.pipeline.run_date_column;
  for (const auto& name : table.partition_columns()) {
    if (column && text::to_lower(name) == text::to_lower(*column)) return {{name, day.iso()}};
  }
  throw Error(Cause::kUsage, fmt::format("the table {} has no partition for each day", target.table),
              "Name versions instead; `movies-etl history` lists them.");
}

int64_t time_of(const std::string& text) {
  using namespace std::chrono;
  constexpr size_t kDay = 10;
  const Date day = Date::parse(text.substr(0, kDay));
  if (text.size() == kDay) return unix_millis(day.next().start()) - 1;
  // "T12:00:00Z" or "T12:00:00.250Z"
  const std::string rest = text.substr(kDay);
  const bool fine = rest.size() == 14 && rest[9] == '.';
  const auto part = [&](size_t at, size_t length, int most) { return number(rest.substr(at, length), 0, most); };
  if ((fine || rest.size() == 10) && rest[0] == 'T' && rest[3] == ':' && rest[6] == ':' && rest.back() == 'Z') {
    const auto time = day.start() + hours(part(1, 2, 23)) + minutes(part(4, 2, 59)) + seconds(part(7, 2, 59));
    return unix_millis(time) + (fine ? part(10, 3, 999) : 999);  // the whole of the second
  }
  throw Error(Cause::kUsage, fmt::format("'{}' is not a time", text),
              "Give one in UTC, such as 2021-01-01T12:00:00Z, or a day, which means its end.");
}

}  // namespace metl::cli
