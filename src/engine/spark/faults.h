// What a server's refusal means: gRPC's status as the program's one Error.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "connect.pb.h"

namespace metl::engine {

using FetchDetails = std::function<spark::connect::FetchErrorDetailsResponse(const std::string& error_id)>;

// Spark's name of what happened, "INVALID_HANDLE.SESSION_CLOSED": of the details that came with a status, or in the
// brackets that its message begins with; "" for none.
std::string condition_of(const std::string& message, const std::string& details);

// `code` is gRPC's, `details` the serialised status that came with it ("" for none). Of Spark's message only the part
// before its plans and stack traces is kept; "line N" is a line of `sql`, added where Spark says it in another way.
Error to_error(int code, const std::string& message, const std::string& details, const std::string& address,
               const std::string& sql, const FetchDetails& fetch);

}  // namespace metl::engine
