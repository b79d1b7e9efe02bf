// One table, one pipeline: two that write the same one would replace each other's days, each with exit 0.
//
// Whose a table is stands in its property `movies-etl.pipeline`, set when it is made, or by the first commit to a table
// that says nothing. Metadata outlives every clean-up of the log, goes along with copies, is shown by every engine, and
// needs no table feature. Rejected: commitInfo alone (gone when the log is cleaned up), a transaction's id (expires,
// and is found by its name only), domain metadata (a writer feature, which shuts older writers out).
#pragma once

#include <map>
#include <string>

#include "table/table.h"

namespace metl::pipeline {

constexpr const char* kOwnerProperty = "movies-etl.pipeline";

// The properties that this pipeline's next commit to the table has to set: none when the table is known as its own.
// A table of an earlier version of this program, without the property, is that pipeline's which its newest commit
// names; one that none wrote is taken. Throws Error{kConfiguration} when it is another pipeline's, unless `take_over`;
// Error when the log cannot be read.
std::map<std::string, std::string> claim(const table::Table& table, const std::string& pipeline, bool take_over);

}  // namespace metl::pipeline
