// Compares a dataset's columns with the rules of a schema check.
#pragma once

#include "quality/ast.h"
#include "quality/history.h"
#include "quality/pattern.h"

namespace metl::quality {

// One zone's rules, as they are judged.
struct SchemaRule {
  SchemaRules rules;         // variables filled in
  bool fails = false;        // the fail zone's; else the warn zone's
  ForbiddenNames forbidden;  // of `rules`
  // Types are compared as texts, under the names that the database gives them, as Soda Core does; null: by structure,
  // under any name.
  std::string (*database_type)(const Type& type) = nullptr;
};

// What breaks the rules; types have Spark's names, or the database's where they are compared under these. Throws what
// ForbiddenNames throws.
SchemaDifferences schema_differences(const SchemaRule& rule, const Schema& schema);

MeasuredColumns columns_of(const Schema& schema);

// Adds what breaks the rules about changes since an earlier scan.
void add_schema_changes(const SchemaChanges& rules, const MeasuredColumns& columns, const MeasuredColumns& earlier,
                        SchemaDifferences& out);

}  // namespace metl::quality
