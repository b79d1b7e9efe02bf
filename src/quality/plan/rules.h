// The rules of schema and group evolution checks, as they are judged: variables filled in, expressions compiled.
#pragma once

#include <string>

#include "base/type.h"
#include "quality/model/ast.h"
#include "quality/model/pattern.h"

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

// The same of a group evolution.
struct GroupRule {
  GroupRules rules;          // variables filled in
  bool fails = false;        // the fail zone's; else the warn zone's
  ForbiddenNames forbidden;  // of `rules`
};

}  // namespace metl::quality
