// SodaCL checks over datasets that somebody else can query: syntax -> plan -> evaluate. Rendering is in report/.
//
// The layer knows no engine: it is handed functions. Every SQL text it builds is DuckDB's and Spark's common dialect;
// the few places where the two differ go through Dialect (sql/dialect.h).
#pragma once

#include "quality/model/data_access.h"
#include "quality/model/request.h"
#include "quality/model/result.h"

namespace metl::quality {

// Never throws for what a checks file or its data can cause: that is in `errors`, check by check.
ScanResult scan(const ScanRequest& request, const DataAccess& data);

}  // namespace metl::quality
