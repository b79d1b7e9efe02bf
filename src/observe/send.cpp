#include "observe/send.h"

#include <charconv>

#include "base/environment.h"
#include "base/error.h"
#include "base/secrets.h"
#include "base/text.h"
#include "movies_etl_bridge/src/tell.rs.h"
#include "storage/bridged.h"

namespace metl::observe {
namespace {

bridge::Delivery bridged(const Delivery& delivery) {
  return {static_cast<uint64_t>(delivery.seconds), delivery.ca_file};
}

bridge::Letter bridged(const Letter& letter) {
  const size_t colon = letter.server.rfind(':');
  uint16_t port = 0;
  const char* end = letter.server.data() + letter.server.size();
  const bool has_port =
      colon != std::string::npos && std::from_chars(letter.server.data() + colon + 1, end, port).ptr == end && port > 0;
  if (!has_port || colon == 0) {
    throw Error(Cause::kConfiguration, fmt::format("observe.email.server '{}' is not HOST:PORT", letter.server),
                "For example smtp.example.org:587.");
  }
  std::string host = letter.server.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  rust::Vec<rust::String> to;
  for (const auto& one : letter.to) to.push_back(one);
  return {host,
          port,
          letter.security,
          letter.user,
          letter.password,
          letter.from,
          std::move(to),
          secrets::masked(letter.subject),
          secrets::masked(letter.text)};
}

}  // namespace

Delivery delivery_of(const config::Settings& settings) {
  std::string ca_file = settings.path("storage.ca_file");
  if (ca_file.empty()) {
    const auto variables = process_variables();
    const auto found = variables.find("AWS_CA_BUNDLE");
    if (found != variables.end()) ca_file = found->second;
  }
  return {settings.integer("observe.timeout_seconds"), ca_file};
}

void keep_secret(const std::string& url) {
  secrets::know(url);
  const size_t host = url.find("://");
  const size_t path = host == std::string::npos ? host : url.find('/', host + 3);
  constexpr size_t kTooCommon = 12;  // bytes: "/webhook" is no secret, and a word of other messages
  if (path != std::string::npos && url.size() - path > kTooCommon) secrets::know(url.substr(path));
}

void send(const Request& request, const Delivery& delivery) {
  storage::bridged([&] {
    bridge::send_request(
        {request.method, request.url, request.content_type, request.token, secrets::masked(request.body)},
        bridged(delivery));
  });
}

void send(const Letter& letter, const Delivery& delivery) {
  storage::bridged([&] { bridge::send_letter(bridged(letter), bridged(delivery)); });
}

void require_url(const std::string& url) {
  storage::bridged([&] { bridge::check_url(url); });
}

void require_addresses(const Letter& letter) {
  storage::bridged([&] { bridge::check_letter(bridged(letter)); });
}

void greet(const Letter& letter, const Delivery& delivery) {
  storage::bridged([&] { bridge::greet(bridged(letter), bridged(delivery)); });
}

}  // namespace metl::observe
