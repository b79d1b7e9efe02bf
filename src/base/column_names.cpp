#include "base/column_names.h"

#include "base/text.h"

namespace metl {

NameMatch match_name(const std::vector<std::string>& names, std::string_view wanted) {
  NameMatch exact{.exact = true}, alike;
  const std::string lower = text::to_lower(wanted);
  const auto count = [](NameMatch& match, size_t index) {
    if (match.rivals++ == 0) match.index = index;
  };
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == wanted) count(exact, i);
    if (exact.rivals == 0 && text::to_lower(names[i]) == lower) count(alike, i);
  }
  return exact.rivals > 0 ? exact : alike;
}

}  // namespace metl
