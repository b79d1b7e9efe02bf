#include "table/catalog/hive_registration.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "table/schema.h"

namespace metl::table {
namespace {

constexpr const char* kProvider = "spark.sql.sources.provider";
constexpr std::string_view kSchema = "spark.sql.sources.schema";
constexpr size_t kLongestValue = 4000;  // of a property, in metastores of old; Spark cuts at the same length

// What Spark with Delta itself notes among a table's properties, and the table's own configuration does not have.
bool is_note_of_delta(std::string_view key) {
  constexpr std::array<std::string_view, 4> kNotes{"delta.lastUpdateVersion", "delta.lastCommitTimestamp",
                                                   "delta.minReaderVersion", "delta.minWriterVersion"};
  return std::find(kNotes.begin(), kNotes.end(), key) != kNotes.end() || key.starts_with("delta.feature.");
}

std::vector<HiveColumn> columns_of(const Table& table) {
  std::vector<HiveColumn> out;
  for (const Field& field : table.columns()) {
    // Hive has no type of its own for a timestamp without a zone: its timestamp is one.
    const std::string type = text::replace_all(type_name(field.type), "timestamp_ntz", "timestamp");
    out.push_back({text::to_lower(field.name), type, field.comment});
  }
  return out;
}

void put_schema(const std::string& json, std::map<std::string, std::string>& properties) {
  if (json.size() <= kLongestValue) {
    properties.emplace(kSchema, json);
    return;
  }
  size_t parts = 0;
  for (size_t at = 0; at < json.size(); at += kLongestValue) {
    properties.emplace(fmt::format("{}.part.{}", kSchema, parts++), json.substr(at, kLongestValue));
  }
  properties.emplace(fmt::format("{}.numParts", kSchema), fmt::format("{}", parts));
}

// Of the table alone, and so replaced whenever it changes.
std::map<std::string, std::string> properties_of(const Table& table) {
  std::map<std::string, std::string> out = table.properties();
  put_schema(to_delta_schema(table.columns()), out);
  const auto& partitioned_by = table.partition_columns();
  out.emplace(fmt::format("{}.numPartCols", kSchema), fmt::format("{}", partitioned_by.size()));
  for (size_t i = 0; i < partitioned_by.size(); ++i) {
    out.emplace(fmt::format("{}.partCol.{}", kSchema, i), partitioned_by[i]);
  }
  return out;
}

std::string provider_of(const HiveRegistration& registered) {
  const auto found = registered.properties.find(kProvider);
  return found == registered.properties.end() ? "" : text::to_lower(found->second);
}

}  // namespace

HiveRegistration register_table(const Table& table) {
  HiveRegistration out;
  out.kind = "EXTERNAL_TABLE";
  out.location = location_to_hive(table.root());
  out.path = out.location;
  out.columns = columns_of(table);
  out.properties = properties_of(table);
  out.properties.emplace("EXTERNAL", "TRUE");
  out.properties.emplace(kProvider, "delta");
  out.properties.emplace("spark.sql.partitionProvider", "catalog");
  return out;
}

HiveRegistration brought_up_to_date(const HiveRegistration& registered, const Table& table) {
  HiveRegistration out = registered;
  out.columns = columns_of(table);
  std::erase_if(out.properties, [](const auto& property) {
    const std::string& key = property.first;
    return key.starts_with(kSchema) || (key.starts_with("delta.") && !is_note_of_delta(key));
  });
  out.properties.merge(properties_of(table));
  return out;
}

bool is_delta(const HiveRegistration& registered) { return provider_of(registered) == "delta"; }

bool is_managed(const HiveRegistration& registered) {
  const auto purge = registered.properties.find("external.table.purge");
  return registered.kind == "MANAGED_TABLE" ||
         (purge != registered.properties.end() && text::to_lower(purge->second) == "true");
}

std::string data_location(const HiveRegistration& registered) {
  return location_from_hive(registered.path.empty() ? registered.location : registered.path);
}

std::string described(const HiveRegistration& registered) {
  if (registered.kind.ends_with("VIEW")) return "a view";
  const std::string provider = provider_of(registered);
  if (provider != "delta") return provider.empty() ? "a table of Hive itself" : "a table of " + provider;
  return is_managed(registered) ? "a managed Delta table" : "an external Delta table";
}

std::string location_to_hive(const std::string& location) {
  if (location.starts_with("s3://")) return "s3a://" + location.substr(5);
  return location.starts_with('/') ? "file:" + location : location;
}

std::string location_from_hive(const std::string& location) {
  std::string out = location;
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  for (const std::string_view scheme : {"s3a://", "s3n://"}) {
    if (out.starts_with(scheme)) return "s3://" + out.substr(scheme.size());
  }
  if (out.starts_with("file:///")) return out.substr(7);
  return out.starts_with("file:/") ? out.substr(5) : out;
}

}  // namespace metl::table
