// What a Delta table is in a Hive metastore: the form in which Spark with Delta registers an external table, so that it
// finds ours by name and we find those it made. Internal to src/table.
//
// Two things differ from what Spark registers by default, and Spark reads both: the schema, of which it registers none
// as it takes that from the Delta log, so that tools which know only the metastore show the columns; and the
// descriptor's location, where it has a placeholder, because others look only there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "table/table.h"

namespace metl::table {

struct HiveColumn {
  std::string name;
  std::string type;  // Hive's name of it
  std::string comment;
  bool operator==(const HiveColumn&) const = default;
};

struct HiveRegistration {
  std::string kind;  // EXTERNAL_TABLE, MANAGED_TABLE, VIRTUAL_VIEW
  std::string location;
  std::string path;  // the serde's; "" for none
  std::vector<HiveColumn> columns;
  std::map<std::string, std::string> properties;
};

// A new registration of `table`.
HiveRegistration register_table(const Table& table);

// `registered` as it should be: columns and properties of `table`, what others added left in place. Equal to
// `registered` in both when there is nothing to change.
HiveRegistration brought_up_to_date(const HiveRegistration& registered, const Table& table);

// Whether it is a table that Spark reads with Delta.
bool is_delta(const HiveRegistration& registered);

// Whether its files go when it is dropped. Hive 4 turns the managed tables of Spark into external ones that do so.
bool is_managed(const HiveRegistration& registered);

// Where the table's data lie, as a location of ours. See location_from_hive.
std::string data_location(const HiveRegistration& registered);

// What is registered, in words: "a view", "a table of parquet", "a managed Delta table".
std::string described(const HiveRegistration& registered);

// Locations in the metastore are Hadoop's: "s3a://bucket/key" for our "s3://bucket/key", whose scheme Spark's own
// builds do not know; "file:/path" for a local path. Nothing in them is URL-encoded.
std::string location_to_hive(const std::string& location);
std::string location_from_hive(const std::string& location);

}  // namespace metl::table
