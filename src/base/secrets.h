// The one masker: what must not leave the process is replaced by "***" in every log line, message, report, record and
// commit. It knows the secrets that were loaded, and the forms in which unknown ones stand in URLs.
#pragma once

#include <string>
#include <string_view>

namespace metl::secrets {

// From now on this value is masked wherever it stands, also as JSON writes it. Shorter than 4 bytes it is not: it would
// tear words apart. For the whole process, from any thread.
void know(std::string_view value);

// The text, safe to print: without known values; without the user and password of a URL (also of what only looks like
// one), without signatures, tokens, keys and x- headers among the parameters of a URL. The container of abfss:// stays.
std::string masked(std::string_view text);

// Whether a name alone, of a setting or a variable, says that its value is a secret: a password, a token, an access
// key.
bool named(std::string_view name);

}  // namespace metl::secrets
