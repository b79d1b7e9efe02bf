// Messages to servers of others: by HTTP and by SMTP. The clients are the bridge's (bridge/src/tell.rs), which also
// says how often they try.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/settings.h"

namespace metl::observe {

// How long one message may take with all its attempts, and who is trusted.
struct Delivery {
  int64_t seconds = 10;
  std::string ca_file;  // "" for none beside the system's
};

// observe.timeout_seconds, storage.ca_file or AWS_CA_BUNDLE.
Delivery delivery_of(const config::Settings& settings);

struct Request {
  std::string method = "POST";
  std::string url = {};
  std::string content_type = "application/json";
  std::string token = {};  // sent as a bearer's; "" for none
  std::string body = {};
};

struct Letter {
  std::string server;  // HOST:PORT
  std::string security;
  std::string user;
  std::string password;
  std::string from;
  std::vector<std::string> to;
  std::string subject;
  std::string text;
};

// From now on the masker knows what of a URL is as good as a password: all of it, and what stands behind the host.
void keep_secret(const std::string& url);

// All throw Error, which names no address. Secrets in a body or text are masked on the way.
void send(const Request& request, const Delivery& delivery);
void send(const Letter& letter, const Delivery& delivery);
// Whether it could be sent at all, as far as that can be seen from here.
void require_url(const std::string& url);
void require_addresses(const Letter& letter);
// Whether the server takes the connection and the user.
void greet(const Letter& letter, const Delivery& delivery);

}  // namespace metl::observe
