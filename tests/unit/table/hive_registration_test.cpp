#include "table/catalog/hive_registration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fixture.h"
#include "table/catalog/hive_catalog.h"
#include "table/schema.h"

namespace metl::table {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

class HiveRegistrationTest : public LakeTest {};

TEST_F(HiveRegistrationTest, LocationsAreHadoopsOnOneSideAndOursOnTheOther) {
  for (const auto& [ours, hives] :
       std::vector<std::pair<std::string, std::string>>{{"s3://bucket/a b/t", "s3a://bucket/a b/t"},
                                                        {"/lake/100%/t", "file:/lake/100%/t"},
                                                        {"abfss://box@account/t", "abfss://box@account/t"}}) {
    EXPECT_EQ(location_to_hive(ours), hives);
    EXPECT_EQ(location_from_hive(hives), ours);
  }
  EXPECT_EQ(location_from_hive("file:///lake/t/"), "/lake/t");
  EXPECT_EQ(location_from_hive("s3n://bucket/t"), "s3://bucket/t");
  EXPECT_EQ(location_from_hive("/lake/t"), "/lake/t");
}

TEST_F(HiveRegistrationTest, TheSerdesPathIsWhereTheDataLie) {
  HiveRegistration registered{"EXTERNAL_TABLE", "file:/w/t-__PLACEHOLDER__", "s3a://bucket/t", {}, {}};
  EXPECT_EQ(data_location(registered), "s3://bucket/t");
  registered.path = "";
  EXPECT_EQ(data_location(registered), "/w/t-__PLACEHOLDER__");
}

TEST_F(HiveRegistrationTest, SaysWhatIsRegistered) {
  HiveRegistration registered{"EXTERNAL_TABLE", "", "", {}, {{"spark.sql.sources.provider", "DELTA"}}};
  EXPECT_EQ(described(registered), "an external Delta table");
  EXPECT_TRUE(is_delta(registered));
  EXPECT_FALSE(is_managed(registered));
  registered.properties["external.table.purge"] = "TRUE";  // as Hive 4 has Spark's managed tables
  EXPECT_EQ(described(registered), "a managed Delta table");
  registered.properties = {{"spark.sql.sources.provider", "iceberg"}};
  EXPECT_EQ(described(registered), "a table of iceberg");
  registered.properties.clear();
  EXPECT_EQ(described(registered), "a table of Hive itself");
  registered.kind = "VIRTUAL_VIEW";
  EXPECT_EQ(described(registered), "a view");
}

TEST_F(HiveRegistrationTest, ChangesOnlyWhatIsOfTheTable) {
  const Table table = Table::create(root_, spec());
  HiveRegistration registered = register_table(table);
  EXPECT_EQ(brought_up_to_date(registered, table).properties, registered.properties);
  registered.columns.clear();
  registered.properties.emplace("spark.sql.sources.schema.numParts", "2");
  registered.properties.emplace("delta.appendOnly", "true");       // no longer the table's
  registered.properties.emplace("delta.lastUpdateVersion", "7");   // noted by Spark
  registered.properties.emplace("transient_lastDdlTime", "1234");  // noted by the metastore
  const HiveRegistration wanted = brought_up_to_date(registered, table);
  EXPECT_EQ(wanted.columns, register_table(table).columns);
  EXPECT_THAT(wanted.properties, Not(Contains(Key("spark.sql.sources.schema.numParts"))));
  EXPECT_THAT(wanted.properties, Not(Contains(Key("delta.appendOnly"))));
  EXPECT_THAT(wanted.properties, Contains(Pair("delta.lastUpdateVersion", "7")));
  EXPECT_THAT(wanted.properties, Contains(Pair("transient_lastDdlTime", "1234")));
}

TEST_F(HiveRegistrationTest, CutsALongSchemaAsSparkDoes) {
  TableSpec wide = spec();
  for (int i = 0; i < 100; ++i) wide.columns.push_back({fmt::format("column_{}", i), *parse_type("bigint"), true, ""});
  const Table table = Table::create(root_, wide);
  const auto properties = register_table(table).properties;
  EXPECT_THAT(properties, Not(Contains(Key("spark.sql.sources.schema"))));
  std::string whole;
  for (int i = 0; i < std::stoi(properties.at("spark.sql.sources.schema.numParts")); ++i) {
    const std::string& part = properties.at(fmt::format("spark.sql.sources.schema.part.{}", i));
    EXPECT_LE(part.size(), 4000);
    whole += part;
  }
  EXPECT_EQ(whole, to_delta_schema(table.columns()));
}

TEST(MetastoreAddresses, AreOneOrMore) {
  EXPECT_THAT(metastore_addresses("thrift://a:9083"), ElementsAre("a:9083"));
  EXPECT_THAT(metastore_addresses("thrift://a:9083, thrift://[::1]:1"), ElementsAre("a:9083", "[::1]:1"));
}

TEST(MetastoreAddresses, ThatAreNoneAreRefused) {
  for (const char* uri : {"", "a:9083", "http://a:9083", "thrift://a", "thrift://:9083", "thrift://a:x",
                          "thrift://a:1/db", "thrift://a:1,", "thrift://ada:pw@a:1"}) {
    try {
      metastore_addresses(uri);
      FAIL() << uri;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kConfig);
      EXPECT_THAT(e.message(), HasSubstr("is not thrift://HOST:PORT"));
      EXPECT_THAT(e.message(), Not(HasSubstr("pw")));
    }
  }
}

}  // namespace
}  // namespace metl::table
