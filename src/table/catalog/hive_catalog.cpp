#include "table/catalog/hive_catalog.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "movies_etl_bridge/src/metastore.rs.h"
#include "storage/bridged.h"
#include "storage/endpoint.h"
#include "table/catalog/hive_registration.h"
#include "table/catalog/warehouse.h"
#include "table/table.h"

namespace metl::table {
namespace {

constexpr std::string_view kScheme = "thrift://";
constexpr int kAttempts = 5;  // against others that change the registration at the same time
constexpr std::chrono::milliseconds kPause{100};

// Whose name the metastore sees, as Hadoop's own clients choose it. Asked for when a command starts, before its
// threads. NOLINTBEGIN(concurrency-mt-unsafe)
std::string user_name() {
  if (const char* name = std::getenv("HADOOP_USER_NAME"); name != nullptr && *name != '\0') return name;
  const passwd* user = ::getpwuid(::geteuid());
  return user == nullptr ? fmt::format("{}", ::geteuid()) : user->pw_name;
}
// NOLINTEND(concurrency-mt-unsafe)

std::pair<std::string, std::string> parts_of(const std::string& name) {
  table_location("", name);  // throws for a name that is none
  return *text::table_name_parts(name);
}

HiveRegistration from_bridge(const bridge::HiveTable& table) {
  HiveRegistration out{std::string(table.kind), std::string(table.location), std::string(table.path), {}, {}};
  for (const auto& column : table.columns) {
    out.columns.push_back({std::string(column.name), std::string(column.hive_type), std::string(column.comment)});
  }
  for (const auto& property : table.properties) {
    out.properties.emplace(std::string(property.key), std::string(property.value));
  }
  return out;
}

bridge::HiveTable to_bridge(const std::string& database, const std::string& name, const HiveRegistration& table) {
  bridge::HiveTable out;
  out.database = database;
  out.name = name;
  out.kind = table.kind;
  out.location = table.location;
  out.path = table.path;
  for (const auto& [column, type, comment] : table.columns) out.columns.push_back({column, type, comment});
  for (const auto& [key, value] : table.properties) out.properties.push_back({key, value});
  return out;
}

void require_ours(const std::string& name, const HiveRegistration& registered) {
  if (registered.kind == "EXTERNAL_TABLE" && is_delta(registered) && !is_managed(registered)) return;
  throw Error(Cause::kDisagreement,
              fmt::format("'{}' is {} in the Hive metastore, not an external Delta table", name, described(registered)),
              is_delta(registered)
                  ? "Its files go when it is dropped there. Register them as an external one (CREATE TABLE ... USING "
                    "delta LOCATION ...), or set another data.curated.table."
                  : "Set another data.curated.table, or drop that one if nothing needs it.");
}

// For a message: without what may be a password.
std::string shown(std::string_view address) {
  if (address.empty()) return "an empty text";
  return address.find('@') == std::string_view::npos ? fmt::format("'{}'", address) : "a text with a user in it";
}

}  // namespace

std::vector<std::string> metastore_addresses(const std::string& uri) {
  std::vector<std::string> out;
  for (const std::string& part : text::split(uri, ',')) {
    const std::string_view one = text::trim(part);
    const std::string_view address = one.starts_with(kScheme) ? one.substr(kScheme.size()) : "";
    const size_t colon = address.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? "" : address.substr(colon + 1);
    const bool is_port = !port.empty() && port.size() <= 5 &&
                         std::all_of(port.begin(), port.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!is_port || colon == 0 || address.find_first_of("/@ ") != std::string_view::npos ||
        !address_fault(address).empty()) {
      throw Error(
          Cause::kConfiguration, fmt::format("catalog.hive.uri: {} is not thrift://HOST:PORT", shown(one)),
          "Give the address of the metastore's Thrift service, for example thrift://metastore:9083; of several, "
          "separated by commas, the first that answers is used.");
    }
    out.emplace_back(address);
  }
  return out;
}

struct HiveCatalog::Client {
  rust::Box<bridge::Metastore> metastore;

  std::optional<HiveRegistration> find(const std::string& database, const std::string& name) {
    const auto found = storage::bridged([&] { return metastore->table(database, name); });
    return found.empty() ? std::nullopt : std::optional(from_bridge(found.front()));
  }
};

HiveCatalog::HiveCatalog(std::string warehouse, const std::string& uri) : warehouse_(std::move(warehouse)) {
  rust::Vec<rust::String> addresses;
  for (const auto& address : metastore_addresses(uri)) addresses.push_back(address);
  client_ = std::make_unique<Client>(Client{bridge::new_metastore(std::move(addresses), user_name())});
}

HiveCatalog::~HiveCatalog() = default;

std::string HiveCatalog::location_of(const std::string& name) {
  const auto [database, table] = parts_of(name);
  std::string layout = table_location(warehouse_, name);
  const auto registered = client_->find(database, table);
  if (!registered) return layout;
  require_ours(name, *registered);
  const std::string location = data_location(*registered);
  if (location != layout) {
    log::info("{} lies where the metastore has it: {}, not {}", name, location, layout);
  }
  return location;
}

std::vector<CatalogTable> HiveCatalog::tables() {
  std::vector<CatalogTable> out;
  for (const auto& database : storage::bridged([&] { return client_->metastore->databases(); })) {
    for (const auto& table : storage::bridged([&] { return client_->metastore->tables(database); })) {
      const HiveRegistration registered = from_bridge(table);
      if (!is_delta(registered)) continue;
      out.push_back({fmt::format("{}.{}", std::string(database), std::string(table.name)), data_location(registered)});
    }
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

std::vector<std::string> HiveCatalog::folders() {
  std::vector<std::string> out{warehouse_};
  for (const auto& table : tables()) out.push_back(table.location);
  return out;
}

// Compares once more after each change: when two runs change the registration at the same time, the one that wrote last
// may have seen the older version of the table. Who loses such a race may get an error of the metastore's database for
// an answer, so what a change failed with counts only when it fails again and again.
void HiveCatalog::keep_in_step(const std::string& name, const std::string& location) {
  const auto parts = parts_of(name);
  const std::string& database = parts.first;
  const std::string& table_name = parts.second;
  std::optional<Error> failure;
  const auto change = [&failure](const auto& call) {
    try {
      return storage::bridged(call);
    } catch (const Error& e) {
      failure = e;
      return false;
    }
  };
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (failure) std::this_thread::sleep_for(kPause * attempt);
    const auto table = Table::open(location);
    if (!table) throw Error(Cause::kNotFound, fmt::format("there is no Delta table at {}", location));
    const auto registered = client_->find(database, table_name);
    if (!registered) {
      const std::string database_folder = location_to_hive(database_location(warehouse_, database));
      const auto created = to_bridge(database, table_name, register_table(*table));
      const bool done = change([&] {
        client_->metastore->ensure_database(database, database_folder);
        return client_->metastore->create_table(created);
      });
      if (done) log::info("registered {} at {} in the Hive metastore", name, location);
      continue;
    }
    require_ours(name, *registered);
    if (const std::string elsewhere = data_location(*registered); elsewhere != location) {
      throw Error(Cause::kDisagreement,
                  fmt::format("somebody registered {} meanwhile, at {} and not at {}", name, elsewhere, location),
                  "The next run writes to the registered place; this day has to be run again for it to be there.");
    }
    const HiveRegistration wanted = brought_up_to_date(*registered, *table);
    if (wanted.columns == registered->columns && wanted.properties == registered->properties) return;
    const auto changed = to_bridge(database, table_name, wanted);
    const bool done = change([&] {
      client_->metastore->alter_table(changed);
      return true;
    });
    if (done) log::info("brought {} in the Hive metastore to version {} of the table", name, table->version());
  }
  if (failure) throw Error(*failure);
  throw Error(Cause::kFailed, fmt::format("others kept changing {} in the Hive metastore", name));
}

}  // namespace metl::table
