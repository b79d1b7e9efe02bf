// Compares a dataset's columns with the rules of a schema check.
#pragma once

#include "quality/model/history.h"
#include "quality/plan/rules.h"

namespace metl::quality {

// What breaks the rules; types have Spark's names, or the database's where they are compared under these. Throws what
// ForbiddenNames throws.
SchemaDifferences schema_differences(const SchemaRule& rule, const Schema& schema);

MeasuredColumns columns_of(const Schema& schema);

// Adds what breaks the rules about changes since an earlier scan.
void add_schema_changes(const SchemaChanges& rules, const MeasuredColumns& columns, const MeasuredColumns& earlier,
                        SchemaDifferences& out);

}  // namespace metl::quality
