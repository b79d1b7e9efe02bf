// Whether texts from settings and variables can be sent as they are: in a header, as a key, as the address of a server.
#pragma once

#include <string>
#include <string_view>

namespace metl {

// Why a token, key or header value cannot be sent: "ends in a line break", "has a letter that is not ASCII"; "" when it
// can. Never shows the value.
std::string header_fault(std::string_view value);

// Why a text is no address of a server, host:port with the port left out at will ("[::1]:80" too); "" when it is one.
std::string address_fault(std::string_view address);

// The same for http://host:port or https://..., with a path at will.
std::string endpoint_fault(std::string_view url);

// Throws Error{kConfiguration}, naming the setting or variable `what`, for a value that header_fault() finds wrong.
void require_sendable(std::string_view what, std::string_view value);

}  // namespace metl
