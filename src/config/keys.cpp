#include "config/keys.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/location.h"
#include "base/text.h"

namespace metl::config {
namespace {

constexpr std::array<std::string_view, 8> kSecretWords{"password", "passwd",     "secret",      "token",
                                                       "api_key",  "access_key", "account_key", "credential"};

// A value with what it is: "the text 'abc'", "the whole number 5".
std::string describe(const nlohmann::json& value, bool secret) {
  using Kind = nlohmann::json::value_t;
  const std::string shown = mask(to_display(value), secret);
  switch (value.type()) {
    case Kind::null:
      return "nothing";
    case Kind::boolean:
      return "the boolean " + shown;
    case Kind::number_integer:
    case Kind::number_unsigned:
      return "the whole number " + shown;
    case Kind::number_float:
      return "the number " + shown;
    case Kind::string:
      return value.get_ref<const std::string&>().empty() ? "an empty text" : "the text '" + shown + "'";
    case Kind::array:
      return "a list";
    default:
      return "a group of values";
  }
}

bool fits(const Key& key, const nlohmann::json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty()) return key.default_text == "";
    switch (key.type) {
      case ValueType::kText:
      case ValueType::kLocation:
        return true;
      case ValueType::kTable:
        return text::table_name_parts(text).has_value();
      case ValueType::kSize:
        return text::parse_bytes(text) >= key.minimum;
      case ValueType::kInteger:
      case ValueType::kBoolean:
        return false;
      case ValueType::kChoice:
        return std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end();
    }
  }
  if (key.type == ValueType::kBoolean) return value.is_boolean();
  return (key.type == ValueType::kInteger || key.type == ValueType::kSize) && value.is_number_integer() &&
         value.get<int64_t>() >= key.minimum;
}

std::string hint_for(const Key& key, const nlohmann::json& value) {
  const bool wants_text = key.type == ValueType::kText || key.type == ValueType::kLocation;
  if (wants_text && (value.is_number() || value.is_boolean())) return "Quote the value to make it a text.";
  if (key.type == ValueType::kTable && value.is_string() &&
      text::table_name_parts("default." + value.get<std::string>())) {
    return fmt::format("Without a database of its own a table belongs to 'default': write '{}'.",
                       "default." + value.get<std::string>());
  }
  return {};
}

}  // namespace

const std::vector<Key>& known_keys() {
  static const std::vector<Key> kKeys{
      {"data.raw.location", ValueType::kLocation, {}, "Folder of the raw files; a day lies in YYYY/MM/DD below it."},
      {"data.curated.table", ValueType::kTable, {}, "The curated table, as database.table."},
      {"data.curated.location", ValueType::kLocation, {}, "Folder of the warehouse in which the curated table lies."},
      {"catalog.kind",
       ValueType::kChoice,
       "filesystem",
       "Where tables are found by name: in the warehouse's folders, or in a Hive metastore.",
       {"filesystem", "hive"}},
      {"catalog.hive.uri", ValueType::kText, "",
       "The Hive metastore, as thrift://HOST:PORT; several are separated by commas."},
      {"pipelines.location", ValueType::kLocation, "pipelines", "Folder that holds a folder for each pipeline."},
      {"checks.sensitive_columns", ValueType::kText, "",
       "Columns that are left out of samples of failing rows, separated by commas."},
      {"records.mode",
       ValueType::kChoice,
       "0600",
       "Rights of the local files that hold or tell of rows: samples of failing rows, run records, the history of "
       "measurements.",
       {"0600", "0640", "0644", "0660", "0664"}},
      {"engine.name",
       ValueType::kChoice,
       "duckdb",
       "What computes: DuckDB in this process, or a Spark Connect server.",
       {"duckdb", "spark"}},
      {"engine.spark.remote", ValueType::kText, "",
       "The Spark Connect server, as sc://host:port/;name=value...; empty means the variable SPARK_REMOTE."},
      {"engine.spark.token",
       ValueType::kText,
       "",
       "Its bearer token; empty means the variable SPARK_CONNECT_AUTHENTICATE_TOKEN.",
       {},
       0,
       /*secret=*/true},
      {"engine.spark.ca_file", ValueType::kLocation, "",
       "Certificates (PEM) of the authority that signed the server's; empty means the system's."},
      {"engine.memory_limit", ValueType::kSize, "1GB", "Memory the engine may use before it spills to disk.", {}, 1},
      {"engine.threads", ValueType::kInteger, "0", "Threads of the engine; 0 means one for each processor."},
      {"engine.temp_directory", ValueType::kLocation, "",
       "Folder for what does not fit into memory; empty means the system's temporary folder."},
      {"write.target_file_size", ValueType::kSize, "128MB", "Size at which a new data file is begun.", {}, 1},
      {"write.compression", ValueType::kChoice, "zstd", "Compression of the data files.", {"snappy", "zstd"}},
      {"write.parquet_version",
       ValueType::kChoice,
       "v1",
       "Version of the Parquet format; v2 packs sorted integers, but some readers cannot filter by them.",
       {"v1", "v2"}},
      {"storage.s3.endpoint", ValueType::kText, "",
       "URL of an S3 server other than AWS's, with its scheme; AWS_ENDPOINT_URL if empty."},
      {"storage.s3.region", ValueType::kText, "", "Region of S3; AWS_REGION, the profile's or us-east-1 if empty."},
      {"storage.s3.path_style", ValueType::kBoolean, "",
       "Whether the bucket stands in the path instead of the host's name; true for an endpoint of your own if empty."},
      {"storage.s3.allow_http", ValueType::kBoolean, "false", "Whether an endpoint without TLS may be used."},
      {"storage.s3.access_key_id",
       ValueType::kText,
       "",
       "Access key of S3; AWS_ACCESS_KEY_ID, a profile or a role if empty.",
       {},
       0,
       /*secret=*/true},
      {"storage.s3.secret_access_key", ValueType::kText, "", "The secret of storage.s3.access_key_id.", {}, 0, true},
      {"storage.s3.session_token", ValueType::kText, "", "The token of a temporary access key.", {}, 0, true},
      {"storage.s3.profile", ValueType::kText, "",
       "Profile of ~/.aws/credentials and ~/.aws/config; AWS_PROFILE if empty."},
      {"storage.azure.account_name", ValueType::kText, "",
       "Storage account of az:// locations; AZURE_STORAGE_ACCOUNT_NAME if empty."},
      {"storage.azure.account_key",
       ValueType::kText,
       "",
       "Key of the account; AZURE_STORAGE_ACCOUNT_KEY if empty.",
       {},
       0,
       true},
      {"storage.azure.sas_token",
       ValueType::kText,
       "",
       "A shared access signature instead of a key; AZURE_STORAGE_SAS_TOKEN if empty.",
       {},
       0,
       true},
      {"storage.azure.endpoint", ValueType::kText, "", "URL of a blob service other than Azure's."},
      {"storage.gcs.service_account_file", ValueType::kLocation, "",
       "Key file of a Google service account; GOOGLE_APPLICATION_CREDENTIALS if empty."},
      {"storage.ca_file", ValueType::kLocation, "",
       "PEM file of the authorities that a store's certificate is checked against; AWS_CA_BUNDLE, or the system's, if "
       "empty."},
  };
  return kKeys;
}

const Key* find_key(std::string_view name) {
  const auto& keys = known_keys();
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

bool is_group(std::string_view name) {
  const auto& keys = known_keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const Key& key) { return key.name.starts_with(fmt::format("{}.", name)); });
}

std::string expectation(const Key& key) {
  switch (key.type) {
    case ValueType::kText:
      return "a text";
    case ValueType::kLocation:
      return "a path or a URL";
    case ValueType::kTable:
      return "a table's name, database.table, of letters, digits and '_'";
    case ValueType::kSize:
      return "a size such as 512MB or 2GiB";
    case ValueType::kInteger:
      return fmt::format("a whole number of at least {}", key.minimum);
    case ValueType::kBoolean:
      return "true or false";
    case ValueType::kChoice:
      return fmt::format("one of {}", fmt::join(key.choices, ", "));
  }
  return {};
}

bool names_a_secret(std::string_view name) {
  const std::string lower = text::to_lower(name);
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

void check_value(const Key& key, const nlohmann::json& value, bool secret) {
  if (!fits(key, value)) {
    throw Error(ExitCode::kConfig,
                fmt::format("'{}' must be {}, not {}", key.name, expectation(key), describe(value, secret)),
                secret ? "" : hint_for(key, value));
  }
  // A shell would have replaced the tilde; here it would become a folder of that name.
  if (key.type == ValueType::kLocation && value.get_ref<const std::string&>().starts_with('~')) {
    throw Error(ExitCode::kConfig, fmt::format("'{}' starts with '~', which means nothing here", key.name),
                "Write '@format {env[HOME]}/...' for a folder in your home.");
  }
  if (key.type == ValueType::kLocation) require_known_location(key.name, value.get_ref<const std::string&>());
}

const Key& require_key(std::string_view name) {
  if (const Key* key = find_key(name)) return *key;
  std::vector<std::string> names;
  std::vector<std::string_view> inside;
  for (const auto& key : known_keys()) {
    names.emplace_back(key.name);
    if (key.name.starts_with(fmt::format("{}.", name))) inside.push_back(key.name);
  }
  if (!inside.empty()) {
    throw Error(ExitCode::kConfig, fmt::format("'{}' is a group of settings, not a value", name),
                fmt::format("Settings in it: {}.", fmt::join(inside, ", ")));
  }
  const std::string suggestion = text::did_you_mean(name, names);
  throw Error(ExitCode::kConfig, fmt::format("unknown key '{}'.{}", name, suggestion),
              suggestion.empty() ? fmt::format("Known keys: {}.", fmt::join(names, ", ")) : "");
}

std::string to_display(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string mask(const std::string& value, bool secret) {
  if (secret) return value.empty() ? "" : "***";
  // The token in a connection string of Spark's.
  constexpr std::string_view kToken = ";token=";
  if (const size_t token = value.find(kToken); token != std::string::npos) {
    const size_t end = value.find(';', token + kToken.size());
    return value.substr(0, token + kToken.size()) + "***" + (end == std::string::npos ? "" : value.substr(end));
  }
  const size_t scheme = value.find("://");
  if (scheme == std::string::npos) return value;
  const size_t authority = scheme + 3;
  const size_t at = value.find('@', authority);
  if (at == std::string::npos || value.find(':', authority) > at || value.find('/', authority) < at) return value;
  return value.substr(0, authority) + "***" + value.substr(at);
}

}  // namespace metl::config
