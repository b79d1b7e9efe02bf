#include "app/storage.h"

#include <array>

#include "base/error.h"
#include "base/location.h"
#include "base/secrets.h"
#include "storage/aws_profile.h"
#include "storage/endpoint.h"
#include "storage/store.h"

namespace metl::app {
namespace {

using Variables = std::map<std::string, std::string>;

class Resolver {
 public:
  Resolver(const config::Settings* settings, const Variables& variables) : settings_(settings), variables_(variables) {}

  std::string setting(const char* name) const { return settings_ == nullptr ? "" : settings_->get_string(name); }
  std::string path(const char* name, const char* variable_name) const {
    const std::string out = settings_ == nullptr ? "" : settings_->path(name);
    return out.empty() ? variable(variable_name) : out;
  }

  std::string variable(const char* name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? "" : found->second;
  }

  // The setting, or the first of the variables that says something. Throws Error{kConfiguration} for what cannot be
  // sent.
  std::string value(const char* name, std::initializer_list<const char*> variables) const {
    std::string out = setting(name);
    const char* from = name;
    for (const char* one : variables) {
      if (!out.empty()) break;
      out = variable(one);
      from = one;
    }
    require_sendable(from, out);
    return out;
  }
  std::string secret(const char* name, std::initializer_list<const char*> variables) const {
    std::string out = value(name, variables);
    secrets::know(out);
    return out;
  }

  StorageAccess::S3 s3() const {
    StorageAccess::S3 out;
    const Variables profile = profile_entries();
    const auto entry = [&](const char* name) {
      const auto found = profile.find(name);
      return found == profile.end() ? std::string() : found->second;
    };
    out.endpoint = value("storage.s3.endpoint", {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
    if (out.endpoint.empty()) out.endpoint = entry("endpoint_url");
    while (out.endpoint.ends_with('/')) out.endpoint.pop_back();
    out.region = value("storage.s3.region", {"AWS_REGION", "AWS_DEFAULT_REGION"});
    if (out.region.empty()) out.region = entry("region").empty() ? "us-east-1" : entry("region");
    const std::string path_style = setting("storage.s3.path_style");
    // Servers other than AWS's seldom have a host name for each bucket.
    out.path_style = path_style.empty() ? !out.endpoint.empty() : path_style == "true";
    out.allow_http = setting("storage.s3.allow_http") == "true";
    require_endpoint(out);
    identify(out, profile);
    return out;
  }

 private:
  std::string profile_name() const { return value("storage.s3.profile", {"AWS_PROFILE"}); }

  Variables profile_entries() const {
    const std::string name = profile_name();
    Variables entries = storage::read_aws_profile(name.empty() ? "default" : name, variables_);
    if (entries.empty() && !name.empty()) {
      throw Error(Cause::kConfiguration, fmt::format("there is no AWS profile '{}'", name),
                  "Profiles are looked for in ~/.aws/credentials and ~/.aws/config; see storage.s3.profile and "
                  "AWS_PROFILE.");
    }
    return entries;
  }

  static void require_endpoint(std::string_view what, const std::string& url) {
    const std::string fault = endpoint_fault(url);
    if (fault.empty()) return;
    throw Error(Cause::kConfiguration, fmt::format("{} {}", what, fault),
                "Write it with its scheme, for example https://minio.example.org:9000.");
  }
  static void require_endpoint(const StorageAccess::S3& s3) {
    if (s3.endpoint.empty()) return;
    require_endpoint("storage.s3.endpoint (or AWS_ENDPOINT_URL, or the AWS profile's endpoint_url)", s3.endpoint);
    if (s3.endpoint.starts_with("http://") && !s3.allow_http) {
      throw Error(
          Cause::kConfiguration, fmt::format("storage.s3.endpoint is {}: plain http", s3.endpoint),
          "Keys' signatures and data would travel readable. Use https, or set storage.s3.allow_http: true for a "
          "server on this machine.");
    }
  }

  // The first of: settings, the profile that is asked for by a setting, variables, the profile, a web identity, a
  // container's role, an instance's role. The last three are asked for when they are needed.
  void identify(StorageAccess::S3& out, const Variables& profile) const {
    using Names = std::array<std::string, 3>;
    const auto take = [&](const std::string& id, const std::string& secret, const std::string& token,
                          const std::string& where, const Names& names) {
      if (id.empty() && secret.empty()) return false;
      if (id.empty() || secret.empty()) {
        throw Error(Cause::kConfiguration,
                    fmt::format("{} has {} but no {}", where, id.empty() ? "a secret access key" : "an access key id",
                                id.empty() ? "access key id" : "secret access key"));
      }
      require_sendable(names[0], id);
      require_sendable(names[1], secret);
      require_sendable(names[2], token);
      for (const auto& one : {id, secret, token}) secrets::know(one);
      out.access_key_id = id;
      out.secret_access_key = secret;
      out.session_token = token;
      return true;
    };
    const auto take_profile = [&] {
      const auto entry = [&](const char* name) { return profile.contains(name) ? profile.at(name) : std::string(); };
      const std::string where =
          fmt::format("the AWS profile '{}'", profile_name().empty() ? "default" : profile_name());
      return take(
          entry("aws_access_key_id"), entry("aws_secret_access_key"), entry("aws_session_token"), where,
          {"aws_access_key_id of " + where, "aws_secret_access_key of " + where, "aws_session_token of " + where});
    };
    if (take(setting("storage.s3.access_key_id"), setting("storage.s3.secret_access_key"),
             setting("storage.s3.session_token"), "storage.s3",
             {"storage.s3.access_key_id", "storage.s3.secret_access_key", "storage.s3.session_token"})) {
      return;
    }
    if (!setting("storage.s3.profile").empty() && take_profile()) return;
    if (take(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), variable("AWS_SESSION_TOKEN"),
             "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)",
             {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})) {
      return;
    }
    if (take_profile()) return;
    require_simple(profile);
    constexpr std::array<std::pair<const char*, const char*>, 8> kRoles{
        {{"AWS_WEB_IDENTITY_TOKEN_FILE", "s3.web_identity_token_file"},
         {"AWS_ROLE_ARN", "s3.role_arn"},
         {"AWS_ROLE_SESSION_NAME", "s3.role_session_name"},
         {"AWS_ENDPOINT_URL_STS", "s3.sts_endpoint"},
         {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "s3.container_credentials_relative_uri"},
         {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "s3.container_credentials_full_uri"},
         {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "s3.container_authorization_token_file"},
         {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "s3.metadata_endpoint"}}};
    for (const auto& [name, role] : kRoles) {
      const std::string text = variable(name);
      require_sendable(name, text);
      if (!text.empty()) out.role.emplace(role, text);
    }
    for (const auto& [name, role] :
         {std::pair{"web_identity_token_file", "s3.web_identity_token_file"}, std::pair{"role_arn", "s3.role_arn"},
          std::pair{"role_session_name", "s3.role_session_name"}}) {
      if (profile.contains(name)) out.role.emplace(role, profile.at(name));
    }
  }

  // Profiles that only AWS's own tools can follow: single sign-on, a helper program, a role through another profile.
  void require_simple(const Variables& profile) const {
    for (const char* name : {"sso_session", "sso_start_url", "credential_process", "source_profile"}) {
      if (!profile.contains(name)) continue;
      const std::string shown = profile_name().empty() ? "default" : profile_name();
      throw Error(
          Cause::kConfiguration,
          fmt::format("the AWS profile '{}' works by {}, which this program cannot follow", shown, name),
          fmt::format("Let the AWS tools do it: eval \"$(aws configure export-credentials --profile {} --format env)\"",
                      shown));
    }
  }

  const config::Settings* settings_;
  const Variables& variables_;
};

}  // namespace

StorageAccess resolve_storage(const config::Settings* settings, const Variables& variables) {
  const Resolver resolver(settings, variables);
  StorageAccess out;
  out.s3 = resolver.s3();
  out.azure = {.account_name = resolver.value("storage.azure.account_name", {"AZURE_STORAGE_ACCOUNT_NAME"}),
               .account_key = resolver.secret("storage.azure.account_key", {"AZURE_STORAGE_ACCOUNT_KEY"}),
               .sas_token = resolver.secret("storage.azure.sas_token", {"AZURE_STORAGE_SAS_TOKEN"}),
               .endpoint = resolver.setting("storage.azure.endpoint")};
  out.google.service_account_file = resolver.path("storage.gcs.service_account_file", "GOOGLE_APPLICATION_CREDENTIALS");
  out.ca_file = resolver.path("storage.ca_file", "AWS_CA_BUNDLE");
  return out;
}

std::optional<StorageAccess> open_storage(const config::Settings* settings, const Variables& variables,
                                          const std::map<std::string, std::string>& locations) {
  std::set<std::string> schemes;
  for (const auto& [name, location] : locations) {
    require_known_location(name, location);
    if (is_remote(location)) schemes.insert(scheme_of(location));
  }
  if (schemes.empty()) return std::nullopt;
  StorageAccess access = resolve_storage(settings, variables);
  access.schemes = std::move(schemes);
  storage::use_storage(access);
  for (const auto& [name, location] : locations) {
    const std::string scheme = scheme_of(location);
    if ((scheme == "s3" && access.s3.access_key_id.empty()) || scheme == "gs") storage::add_identity(access, location);
  }
  return access;
}

}  // namespace metl::app
