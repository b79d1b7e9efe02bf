// movies-etl show
#include <nlohmann/json.hpp>
#include <optional>

#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/shown_rows.h"
#include "cli/target.h"
#include "pipeline/look.h"
#include "table/history.h"

namespace metl::cli {
namespace {

struct ShowFlags {
  std::optional<uint64_t> version;
  std::optional<int64_t> as_of;
  std::optional<Date> day;
  uint64_t rows = 0;
  std::string sql;
  bool show_sensitive = false;
};

using Json = nlohmann::ordered_json;

table::Table chosen_version(const Target& target, const ShowFlags& flags) {
  if (flags.version && flags.as_of) throw Error(Cause::kUsage, "--version and --as-of are two ways to say the same");
  table::Table newest = newest_table(target);
  if (flags.version) return table::open_version(target.root, *flags.version);
  if (flags.as_of) return table::open_version(target.root, table::version_as_of(target.root, *flags.as_of));
  return newest;
}

int show_command(const Invocation& invocation) {
  const Target target = target_of(invocation);
  const auto& flags = invocation.own<ShowFlags>();
  const app::TimeLimit limit(invocation.timeout);
  app::ChosenEngine chosen(&target.settings, {{"the location of " + target.table, target.root}});
  const table::Table table = chosen_version(target, flags);
  const auto files = table.files(flags.day ? day_partition(target, table, *flags.day) : table::Partition());
  const auto hidden = flags.show_sensitive ? std::vector<std::string>() : hidden_columns(target);
  const pipeline::Shown shown =
      pipeline::look(chosen.get(), pipeline::dataset_of(target.table, table, files), hidden, flags.sql, flags.rows);
  if (invocation.output_json) {
    const Json document{{"table", target.table},
                        {"version", table.version()},
                        {"rows", json_of(shown.rows)},
                        {"more_rows", shown.more},
                        {"hidden_columns", shown.hidden}};
    print_document(document);
    return 0;
  }
  print_rows(shown.rows);
  print("\n{} of version {}: {} rows{}{}\n", target.table, table.version(), shown.rows.rows.size(),
        shown.more ? ", and there are more" : "",
        shown.hidden.empty() ? "" : fmt::format("; hidden: {}", fmt::join(shown.hidden, ", ")));
  return 0;
}

Command this_command() {
  return {
      .name = "show",
      .rank = 44,
      .summary = "Look at rows of the table, now or at an older version",
      .description =
          "Shows the first rows of the table, or what a SELECT yields over it. Nothing is changed, and the SQL reaches nothing but the table. "
          "Columns that checks.sensitive_columns lists are left out; while the table has any, --sql needs --show-sensitive.",
      .examples = {"movies-etl show --day 2021-01-01 --rows 5",
                   "movies-etl show --version 3 --sql 'SELECT count(*) AS n FROM movie_ratings_curated'"},
      .flags = joined(
          pipeline_flag(), settings_flags(), engine_flags(),
          Flag{
              .name = "--version",
              .value = "N",
              .help = "That version of the table instead of the newest.",
              .store = into(&ShowFlags::version, number_from<uint64_t>(0)),
          },
          Flag{
              .name = "--as-of",
              .value = "TIME",
              .help = "The newest version that was committed by then: 2021-01-01T12:00:00Z (UTC), or a day, its end.",
              .store = into(&ShowFlags::as_of, time_of),
          },
          Flag{
              .name = "--day",
              .value = "DAY",
              .help = "Only the partition of this day.",
              .store = into(&ShowFlags::day, parse_day),
          },
          Flag{
              .name = "--rows",
              .value = "N",
              .help = "So many rows at most.",
              .store = into(&ShowFlags::rows, number_from<uint64_t>(1, 100000)),
              .default_text = "20",
          },
          Flag{
              .name = "--sql",
              .value = "SELECT",
              .help =
                  "One SELECT over the table under its own name; a table of the database default also without that.",
              .store = into(&ShowFlags::sql),
          },
          Flag{
              .name = "--show-sensitive",
              .help = "Shows the columns of checks.sensitive_columns too.",
              .store = turns_on(&ShowFlags::show_sensitive),
          },
          output_flag()),
      .run = show_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli
