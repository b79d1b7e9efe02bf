// How object stores are reached, and as whom: what the Delta log's side and the engine's side share. Resolved in one
// place (app/storage.h). Holds secrets: never printed, never logged.
#pragma once

#include <map>
#include <set>
#include <string>

namespace metl {

struct StorageAccess {
  struct S3 {
    std::string endpoint;  // "http://127.0.0.1:7070"; "" for AWS
    std::string region;
    bool path_style = false;
    bool allow_http = false;
    std::string access_key_id;  // with the next two empty: `role` says how to get them
    std::string secret_access_key;
    std::string session_token;
    std::map<std::string, std::string> role;  // web identity, container or instance role, by the bridge's names
  };
  struct Azure {
    std::string account_name;
    std::string account_key;
    std::string sas_token;
    std::string endpoint;  // of the blob service; "" for Azure's own
  };
  struct Google {
    std::string service_account_file;
    std::string bearer_token;  // short-lived, of that account
  };
  std::set<std::string> schemes;  // in use: "s3", "gs", "az", "abfss"
  S3 s3;
  Azure azure;
  Google google;
  std::string ca_file;  // PEM; "" for the system's
};

}  // namespace metl
