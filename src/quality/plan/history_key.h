// Names for what is measured, the same in every scan: JSON objects as text, e.g.
//
//   {"arguments":["rating"],"dataset":"ratings","metric":"invalid_count","partition":"daily","valid max":"5",
//    "where":"day = '${run_date}'"}
//
// Everything that makes it another measure is in it, so a changed filter or setting starts a history of its own. Texts
// have their variables filled in, except those whose value is a time (Variables::without_times).
#pragma once

#include <string>

#include "quality/plan/metric.h"

namespace metl::quality {

// `where` is the source's filter in such a text. `column` is the metric's, "" for none or several.
std::string metric_key(const Check& check, const MetricBody& body, const MetricContext& context,
                       const std::string& where, const std::string& column);

std::string schema_key(const Source& source);
std::string groups_key(const Source& source, const std::string& query, const std::vector<std::string>& fields);

}  // namespace metl::quality
