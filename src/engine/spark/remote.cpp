#include "engine/spark/remote.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/secrets.h"
#include "base/text.h"
#include "base/unicode.h"
#include "storage/endpoint.h"

namespace metl::engine {
namespace {

constexpr std::string_view kScheme = "sc://";
constexpr const char* kForm = "Give one such as sc://host:15002 or sc://host:15002/;use_ssl=true;user_id=etl.";

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool code = text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    out += code ? static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])) : text[i];
    if (code) i += 2;
  }
  return out;
}

std::optional<int> whole_number(std::string_view text, int most) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool fits = failed == std::errc() && end == text.data() + text.size() && value > 0 && value <= most;
  return fits ? std::optional(value) : std::nullopt;
}

Error wrong(const std::string& what) { return {Cause::kConfiguration, "engine.spark.remote: " + what, kForm}; }

void set_address(Remote& out, std::string_view address) {
  if (const std::string fault = address_fault(address); !fault.empty()) throw wrong("it " + fault);
  const size_t colon = address.find(':', address.starts_with('[') ? address.find(']') : 0);  // [::1]:15002
  out.host = address.substr(0, colon);
  if (colon != std::string_view::npos) out.port = whole_number(address.substr(colon + 1), 65535).value_or(out.port);
}

// In a header of HTTP/2.
bool is_header_name(std::string_view name) {
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string_view::npos;
}

const std::vector<std::string>& parameters() {
  static const std::vector<std::string> kKnown{"use_ssl",    "token",      "user_id",
                                               "user_agent", "session_id", "grpc_max_message_size"};
  return kKnown;
}

bool is_parameter(const std::string& name) {
  return std::find(parameters().begin(), parameters().end(), name) != parameters().end();
}

bool is_uuid(const std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : hex(text[i]) < 0) return false;
  }
  return text.size() == 36;
}

void set_parameter(Remote& out, const std::string& name, const std::string& value) {
  if (name == "token" || name.starts_with("x-")) secrets::know(value);
  if (const std::string fault = header_fault(value); !fault.empty() && name != "user_id")
    throw wrong(fmt::format("the value of '{}' {}", text::printable(name), fault));
  if (name == "use_ssl") {
    const std::string lower = text::to_lower(value);
    if (lower != "true" && lower != "false") throw wrong("use_ssl must be true or false");
    out.use_ssl = lower == "true";
  } else if (name == "token") {
    out.token = value;
  } else if (name == "user_id") {
    out.user_id = value;
  } else if (name == "user_agent") {
    out.user_agent = value;
  } else if (name == "session_id") {
    if (!is_uuid(value)) throw wrong("session_id must be a UUID");
    out.session_id = value;
  } else if (name == "grpc_max_message_size") {
    const auto bytes = whole_number(value, 2'147'483'647);
    if (!bytes) throw wrong("grpc_max_message_size must be a number of bytes below 2 GiB");
    out.max_message_bytes = *bytes;
  } else if (name.starts_with("x-")) {
    if (!is_header_name(name)) throw wrong(fmt::format("'{}' is not a name of a header", text::printable(name)));
    out.headers.emplace_back(name, value);
  } else {
    throw wrong(
        fmt::format("unknown parameter '{}'.{}", text::printable(name), text::did_you_mean(name, parameters())));
  }
}

std::string variable(const RemoteRequest& request, const std::string& name) {
  const auto found = request.variables.find(name);
  return found == request.variables.end() ? "" : found->second;
}

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace

std::string Remote::address() const { return fmt::format("{}:{}", host, port); }

Remote parse_remote(const RemoteRequest& request) {
  const std::string given = request.remote.empty() ? variable(request, "SPARK_REMOTE") : request.remote;
  if (given.empty()) {
    throw Error(Cause::kConfiguration, "engine spark: it is not said where the Spark Connect server is",
                "Give --spark-remote sc://host:15002, or set engine.spark.remote or the variable SPARK_REMOTE.");
  }
  if (!given.starts_with(kScheme)) throw wrong("it does not start with sc://");
  if (given.ends_with('\n') || given.ends_with('\r')) throw wrong("it ends in a line break");
  Remote out;
  const std::string_view rest = std::string_view(given).substr(kScheme.size());
  const size_t slash = rest.find('/');
  set_address(out, rest.substr(0, slash));
  const std::string_view path = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (!path.empty() && path[0] != ';') throw wrong("after the host only /;name=value;... may stand");
  for (const auto& parameter : text::split(path, ';')) {
    if (parameter.empty()) continue;
    const size_t equals = parameter.find('=');
    const std::string name = parameter.substr(0, equals);
    if (equals == std::string::npos || equals + 1 == parameter.size())
      throw wrong(is_parameter(name) ? fmt::format("parameter '{}' has no value", name)
                                     : "what stands between two ';' is not a name=value");
    if (name == "token" || name.starts_with("x-")) secrets::know(parameter.substr(equals + 1));
    set_parameter(out, name, percent_decoded(parameter.substr(equals + 1)));
  }
  if (!request.token.empty()) out.token = request.token;
  const char* token_from = "engine.spark.token";
  if (out.token.empty()) {
    out.token = variable(request, "SPARK_CONNECT_AUTHENTICATE_TOKEN");
    token_from = "SPARK_CONNECT_AUTHENTICATE_TOKEN";
  }
  secrets::know(out.token);
  require_sendable(token_from, out.token);
  if (!out.token.empty() && !out.use_ssl && !is_this_machine(out.host)) {
    throw Error(Cause::kConfiguration,
                fmt::format("engine.spark.remote: the token would travel to {} in the clear", out.address()),
                "Add ;use_ssl=true to the connection string, or leave the token out.");
  }
  if (out.user_id.empty()) out.user_id = text::printable(variable(request, "USER"));
  if (out.user_agent.empty()) out.user_agent = "movies-etl/" METL_VERSION;
  out.ca_file = request.ca_file;
  return out;
}

}  // namespace metl::engine
