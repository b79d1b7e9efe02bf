// upper() and lower() as Spark has them: by Unicode's full mapping, in which a letter may become several ('ß' to 'SS')
// and the sigma that ends a word is another letter. DuckDB's own map letter by letter.
#pragma once

#include "engine/duckdb/client.h"

namespace metl::engine {

// In place of DuckDB's own, for every statement of this client from now on. Throws Error{kRunFailed}.
void add_letter_case(Client& client);

}  // namespace metl::engine
