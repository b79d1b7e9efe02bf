#include "engine/duckdb/stores.h"

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/footer_guard.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

namespace fs = std::filesystem;

fs::path folder_of_duckdb() {
  Dl_info library{};
  if (::dladdr(reinterpret_cast<void*>(&duckdb_open), &library) == 0 || library.dli_fname == nullptr) return {};
  return fs::path(library.dli_fname).parent_path();
}

void load(Client& client, const std::string& name) {
  const fs::path file = folder_of_duckdb() / (name + ".duckdb_extension");
  if (!fs::exists(file)) {
    throw Error(
        Cause::kConfiguration,
        fmt::format("DuckDB's extension {} is needed for object storage, and {} does not exist", name, file.string()),
        "scripts/setup.sh and the packages put it beside libduckdb; with a DuckDB of your own put it there.");
  }
  client.execute("LOAD " + sql::literal(file.string()));
}

std::string secret(const std::string& name, const std::string& type,
                   const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out = fmt::format("CREATE OR REPLACE TEMPORARY SECRET {} (TYPE {}", name, type);
  for (const auto& [key, value] : values) {
    if (!value.empty()) out += fmt::format(", {} {}", key, sql::literal(value));
  }
  return out + ")";
}

void use_s3(Client& client, const StorageAccess::S3& s3) {
  std::string host = s3.endpoint;
  if (const size_t scheme = host.find("://"); scheme != std::string::npos) host = host.substr(scheme + 3);
  client.execute_secret(secret("s3_access", "s3",
                               {{"KEY_ID", s3.access_key_id},
                                {"SECRET", s3.secret_access_key},
                                {"SESSION_TOKEN", s3.session_token},
                                {"REGION", s3.region},
                                {"ENDPOINT", host},
                                {"USE_SSL", s3.endpoint.starts_with("http://") ? "false" : "true"},
                                {"URL_STYLE", s3.path_style ? "path" : "vhost"}}),
                        "the access to S3");
}

std::string connection_string(const StorageAccess::Azure& azure) {
  std::string out = "DefaultEndpointsProtocol=https;AccountName=" + azure.account_name;
  if (!azure.account_key.empty()) out += ";AccountKey=" + azure.account_key;
  if (!azure.sas_token.empty()) out += ";SharedAccessSignature=" + azure.sas_token;
  return out + (azure.endpoint.empty() ? ";EndpointSuffix=core.windows.net" : ";BlobEndpoint=" + azure.endpoint);
}

// Each worker has a connection of its own; the caches are the database's.
void fetch_some(Client& client, const std::vector<std::string>& paths, std::atomic<size_t>& next) {
  Owned<duckdb_connection, duckdb_disconnect> connection;
  if (duckdb_connect(client.database(), connection.out()) != DuckDBSuccess)
    throw Error(Cause::kFailed, "DuckDB did not accept a connection");
  for (size_t i = next++; i < paths.size() && !client.interrupted(); i = next++) {
    require_sane_footer(connection.get(), paths[i]);
    const std::string sql = fmt::format("SELECT * FROM parquet_file_metadata([{}])", sql::literal(paths[i]));
    Result ignored;
    duckdb_query(connection.get(), sql.c_str(), ignored.out());
  }
}

}  // namespace

void use_stores(Client& client, const StorageAccess& access) {
  load(client, "httpfs");
  // 5xx, 429 and lost connections are tried again for some half a minute; then the statement fails and with it the run.
  client.execute(
      "SET http_retries = 7; SET http_retry_wait_ms = 100; SET http_retry_backoff = 2.5; SET http_timeout = 60");
  // One HEAD for a file, not one for each statement: a run reads no file that changes under it.
  client.execute("SET enable_http_metadata_cache = true; SET enable_external_file_cache = true");
  // Secrets that a user of DuckDB stored in a file of theirs have no say here.
  client.execute("SET allow_persistent_secrets = false");
  if (!access.ca_file.empty()) client.execute("SET ca_cert_file = " + sql::literal(access.ca_file));
  if (access.schemes.contains("s3")) use_s3(client, access.s3);
  if (access.schemes.contains("gs")) {
    client.execute_secret(secret("gcs_access", "gcs", {{"BEARER_TOKEN", access.google.bearer_token}}),
                          "the access to Google Cloud Storage");
  }
  if (access.schemes.contains("az") || access.schemes.contains("abfss")) {
    load(client, "azure");
    client.execute_secret(secret("azure_access", "azure", {{"CONNECTION_STRING", connection_string(access.azure)}}),
                          "the access to Azure");
  }
}

void fetch_footers(Client& client, const std::vector<std::string>& paths) {
  constexpr size_t kAtOnce = 16;
  std::atomic<size_t> next = 0;
  std::mutex guard;
  std::exception_ptr refused;
  std::vector<std::thread> workers;
  for (size_t i = 0; i < std::min(kAtOnce, paths.size()); ++i) {
    workers.emplace_back([&] {
      try {
        fetch_some(client, paths, next);
      } catch (...) {
        next = paths.size();
        const std::lock_guard lock(guard);
        if (!refused) refused = std::current_exception();
      }
    });
  }
  for (auto& worker : workers) worker.join();
  if (refused) std::rethrow_exception(refused);
}

}  // namespace metl::engine
