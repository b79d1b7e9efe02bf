// Compares a dataset's columns with the rules of a schema check.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "quality/ast.h"
#include "quality/history.h"

namespace metl::quality {

// What breaks the rules, for diagnostics: ("missing_column_names", "[id]"), in Soda Core's words. Empty when nothing
// does. Types have Spark's names; with `compat` "timestamp" may also be DuckDB's name of timestamp_ntz.
std::vector<std::pair<std::string, std::string>> schema_differences(const SchemaRules& rules, const Schema& schema,
                                                                    bool compat);

MeasuredColumns columns_of(const Schema& schema);

// The same of the rules about changes since an earlier scan.
std::vector<std::pair<std::string, std::string>> schema_changes(const SchemaChanges& rules,
                                                                const MeasuredColumns& columns,
                                                                const MeasuredColumns& earlier);

}  // namespace metl::quality
