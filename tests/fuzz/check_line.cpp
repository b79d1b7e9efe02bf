// Check lines, conditions and section headers: any text is read or refused by LineError. A condition that was read
// says in its own words what it is.
#include "quality/syntax/check_line.h"

#include <cstdlib>

namespace {

using namespace metl::quality;

template <typename Parse>
void read(const Parse& parse) {
  try {
    parse();
  } catch (const LineError&) {
    // That is how text that is no SodaCL is refused.
  }
}

bool is_number(const Condition& condition) {
  using Comparison = Condition::Comparison;
  const bool two = condition.comparison == Comparison::kBetween || condition.comparison == Comparison::kNotBetween;
  const auto known = [](const Operand& operand) { return operand.kind != Operand::Kind::kText; };
  return known(condition.low) && (!two || known(condition.high));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read([&] { parse_check_line(text); });
  read([&] { parse_header(text); });
  read([&] {
    const Condition condition = parse_when(text);
    if (is_number(condition) && !(parse_when("when " + to_text(condition)) == condition)) std::abort();
  });
  return 0;
}
