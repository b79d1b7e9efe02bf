// A checks file: YAML -> Document.
#pragma once

#include <string>

#include "quality/model/ast.h"
#include "quality/syntax/check_body.h"

namespace metl::quality {

// Everything that could be read of the file; what could not is in `findings`. A section's mistake leaves the others
// whole.
Document read_document(const std::string& path, Findings& findings);

// The same for text that came from `name`.
Document read_document_text(const std::string& text, const std::string& name, Findings& findings);

}  // namespace metl::quality
