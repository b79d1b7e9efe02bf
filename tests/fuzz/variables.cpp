// Texts with variables: any text is filled in or refused by Problem; a text without variables stays as it is.
#include "quality/plan/variables.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace metl::quality;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const bool compat : {false, true}) {
    Variables variables({{"a", "1"}, {"run_date", "2021-01-01"}, {"nested", "${a}"}}, {}, compat);
    try {
      variables.declare("own", {text, {}});
      const std::string filled = variables.fill(text, {});
      if (text.find("${") == std::string::npos && filled != text) std::abort();
    } catch (const Problem&) {
      // That is how a text with an unknown variable is refused.
    }
  }
  return 0;
}
