// The columns whose values must not be shown (checks.sensitive_columns), and whether there are such columns: a name
// that no dataset has hides nothing, and nobody would notice.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "pipeline/definition.h"
#include "table/catalog/catalog.h"

namespace metl::app {

// Throws Error{kConfiguration} that names the setting and each name that no pipeline in pipelines.location has as a
// column or field of its source, its inputs or its target, and no table of the catalog either. Only for names that no
// pipeline has is the catalog asked, and a pipeline that cannot be read looked over. `catalog` may be null. `given` are
// columns of datasets that are neither.
void require_known_sensitive_columns(const config::Settings& settings, table::Catalog* catalog,
                                     const std::vector<Schema>& given = {});

}  // namespace metl::app
