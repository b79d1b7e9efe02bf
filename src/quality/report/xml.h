// Text in XML, for the reports that CI reads.
#pragma once

#include <string>
#include <string_view>

namespace metl::quality {

// Text of an element or attribute: what XML 1.0 cannot hold at all is spelled out.
std::string xml_text(std::string_view text);

}  // namespace metl::quality
