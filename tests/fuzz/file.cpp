// Checks files: any bytes are read or refused with errors. What was read without errors, printed and read again, is
// the same document.
#include <cstdio>
#include <cstdlib>

#include "quality/syntax/document.h"
#include "quality/syntax/print.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace metl::quality;
  Findings findings;
  const Document document = read_document_text(std::string(reinterpret_cast<const char*>(data), size), "f", findings);
  if (!findings.errors.empty()) return 0;
  const std::string printed = print_document(document);
  const Document again = read_document_text(printed, "f", findings);
  if (findings.errors.empty() && document == again) return 0;
  for (const auto& error : findings.errors)
    std::fprintf(stderr, "%d:%d: %s\n", error.location.line, error.location.column, error.message.c_str());
  std::fprintf(stderr, "printed differently:\n%s", printed.c_str());
  std::abort();
}
