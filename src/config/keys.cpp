#include "config/keys.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/secrets.h"
#include "base/text.h"

namespace metl::config {
namespace {

constexpr double kMissingWord = 0.3;
constexpr std::array<std::string_view, 6> kLocationWords{"path", "folder", "dir", "directory", "uri", "url"};

std::vector<std::string> words_of(std::string_view name) {
  std::string lower = text::to_lower(name);
  std::replace(lower.begin(), lower.end(), '.', '_');
  return text::split(lower, '_');
}

// From 0, the same, to 1, another word.
double word_distance(const std::string& given, const std::string& word) {
  if (given == word) return 0;
  if (word == "location" && std::find(kLocationWords.begin(), kLocationWords.end(), given) != kLocationWords.end())
    return 0.4;
  if (given.size() >= 3 && (word.starts_with(given) || given.starts_with(word))) return 0.3;
  return text::nearest(given, {word}).empty() ? 1 : 0.3;
}

// The key that a wrong name most likely means, by the words it is made of; "" for none.
std::string likely_key(std::string_view name) {
  const std::vector<std::string> given = words_of(name);
  std::string best;
  double least = 0.35 * static_cast<double>(given.size()) + 0.3;
  for (const auto& key : known_keys()) {
    std::vector<std::string> rest = words_of(key.name);
    double cost = 0;
    for (const auto& word : given) {
      const auto nearest = std::min_element(rest.begin(), rest.end(), [&](const auto& a, const auto& b) {
        return word_distance(word, a) < word_distance(word, b);
      });
      const double distance = nearest == rest.end() ? 1 : word_distance(word, *nearest);
      cost += distance;
      if (distance < 1) rest.erase(nearest);
    }
    cost += kMissingWord * static_cast<double>(rest.size());
    if (cost < least - 1e-9) {
      least = cost;
      best = key.name;
    }
  }
  return best;
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
      {"engine.memory_limit",
       ValueType::kSize,
       "1GB",
       "Memory the engine may use before it spills to disk.",
       {},
       32'000'000},
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
      return key.minimum <= 1 ? "a size such as 512MB or 2GiB"
                              : fmt::format("a size of at least {}, such as 512MB or 2GiB",
                                            text::human_bytes(static_cast<uint64_t>(key.minimum)));
    case ValueType::kInteger:
      return fmt::format("a whole number of at least {}", key.minimum);
    case ValueType::kBoolean:
      return "true or false";
    case ValueType::kChoice:
      return fmt::format("one of {}", fmt::join(key.choices, ", "));
  }
  return {};
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
    throw Error(Cause::kConfiguration, fmt::format("'{}' is a group of settings, not a value", name),
                fmt::format("Settings in it: {}.", fmt::join(inside, ", ")));
  }
  const std::string likely = likely_key(name);
  throw Error(
      Cause::kConfiguration,
      fmt::format("unknown key '{}'.{}", name, likely.empty() ? "" : fmt::format(" Did you mean '{}'?", likely)),
      likely.empty() ? fmt::format("Known keys: {}.", fmt::join(names, ", ")) : "");
}

std::string to_display(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string mask(const std::string& value, bool secret) {
  if (secret) return value.empty() ? "" : "***";
  return secrets::masked(value);
}

}  // namespace metl::config
