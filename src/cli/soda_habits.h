// What people type who know `soda scan`: the same here in other words, as hints of errors.
#pragma once

#include <string>
#include <string_view>

namespace metl::cli {

// The hint about a word that `command` ("" for the program itself) does not know; "" where Soda does not know it
// either.
std::string soda_habit(std::string_view command, std::string_view word);

// Is this the text of Soda's configuration.yml, which names data sources and Soda Cloud?
bool is_soda_configuration(const std::string& text);

}  // namespace metl::cli
