// Columns as Delta's metadata has them ("schemaString") and back. Internal to src/table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/type.h"

namespace metl::table {

// Comments of top-level columns travel as field metadata "comment".
std::string to_delta_schema(const Schema& columns);

// Throws Error for a type that this program has no name for (variant, interval), naming column and type.
Schema from_delta_schema(const std::string& json);

// The same columns under the physical names of a table with column mapping, nested ones too; and the ids of the
// top-level ones. Throws Error where the schema lacks them.
Schema stored_schema(const std::string& json);
std::vector<int> stored_field_ids(const std::string& json);

// Top-level columns that are strings of limited length to Spark, with its type: "varchar(5)".
std::map<std::string, std::string> lengths_of(const std::string& json);

}  // namespace metl::table
