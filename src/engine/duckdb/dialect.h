// SQL of pipelines and checks is one text for every engine, and means what Spark means by it: that is where the
// pipeline comes from, and what others run it on. Here is what DuckDB else names or understands differently;
// docs/pipeline-sql.md has the whole dialect.
#pragma once

#include "engine/duckdb/client.h"

namespace metl::engine {

// For every statement of this client from now on. Throws Error.
void speak_as_spark(Client& client);

}  // namespace metl::engine
