// The table that a command looks after: the pipeline's, as the settings and the catalog have it.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "cli/invocation.h"
#include "config/settings.h"
#include "pipeline/definition.h"
#include "table/table.h"

namespace metl::cli {

struct Target {
  config::Settings settings;
  pipeline::Definition pipeline;
  std::string table;  // database.table
  std::string root;
};

// Where the table of --pipeline lies, its store open. Throws Error.
Target target_of(const Invocation& invocation);

// The table at its newest version. Throws Error{kConfiguration} when there is none.
table::Table newest_table(const Target& target);

// The columns whose values are not shown (checks.sensitive_columns). Throws Error{kConfiguration} for a name that no
// column has.
std::vector<std::string> hidden_columns(const Target& target);

// The partitions of a day. Throws Error{kUsage} for a table that has none for each day.
table::Partition day_partition(const Target& target, const table::Table& table, const Date& day);

// "2021-01-01T12:00:00Z", "2021-01-01T12:00:00.250Z", or "2021-01-01", which is the end of that day; UTC. Milliseconds
// since the epoch. Throws Error{kUsage}.
int64_t time_of(const std::string& text);

}  // namespace metl::cli
