// Where a Spark Connect server is and how to speak to it, out of a connection string in Spark's own form:
// sc://host:port/;use_ssl=true;token=...;user_id=...;x-header=value. Values are percent-decoded.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace metl::engine {

struct Remote {
  std::string host;
  int port = 15002;
  bool use_ssl = false;
  std::string token;  // of bearer authentication; "" for none. Never print it
  std::string user_id;
  std::string user_agent;
  std::string session_id;                                    // a UUID; "" for a new one
  int max_message_bytes = 0;                                 // of one answer; 0 for the default of 128 MiB
  std::vector<std::pair<std::string, std::string>> headers;  // sent with every call
  std::string ca_file;                                       // PEM; "" for the system's certificates

  std::string address() const;  // "host:port": safe to print
};

// What the settings and the process's environment say.
struct RemoteRequest {
  std::string remote;   // "" for the variable SPARK_REMOTE
  std::string token;    // "" for the string's own, and without that for SPARK_CONNECT_AUTHENTICATE_TOKEN
  std::string ca_file;  // as in Remote
  std::map<std::string, std::string> variables;
};

// Throws Error{kConfiguration} for a string that is none, for a parameter that is unknown or has a wrong value, and for
// a token without TLS to another machine; messages hold no secret.
Remote parse_remote(const RemoteRequest& request);

}  // namespace metl::engine
