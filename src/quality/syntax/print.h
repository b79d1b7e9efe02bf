// A checks file written out again, from what was understood of it: YAML that reads as the same Document.
#pragma once

#include <string>

#include "quality/model/ast.h"

namespace metl::quality {

// Of a document that was read without errors. Comments, styles and anchors are lost; SQL files stand in the text.
std::string print_document(const Document& document);

// One check with its settings, under its section's title.
std::string print_check(const Check& check, const std::string& title);

// What makes a check the same one in another scan: title, line and settings, but not those that only name it or keep
// samples. The text whose hash is Soda Core's identity of the check, as long as no list, mapping or quoted value is
// among its settings (their style is part of Soda's).
std::string identity_text(const Check& check, const std::string& title);

// The settings that a check's measured value depends on; "" for none.
std::string measuring_settings(const Check& check);

}  // namespace metl::quality
