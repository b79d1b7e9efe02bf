#include "config/keys.h"

namespace metl::config {

const std::vector<Key>& known_keys() {
  static const std::vector<Key> kKeys{
      Key{
          .name = "data.raw.location",
          .type = ValueType::kLocation,
          .description = "Folder of the raw files; a day lies in YYYY/MM/DD below it.",
      },
      Key{
          .name = "data.curated.table",
          .type = ValueType::kTable,
          .description = "The curated table, as database.table.",
      },
      Key{
          .name = "data.curated.location",
          .type = ValueType::kLocation,
          .description = "Folder of the warehouse in which the curated table lies.",
      },
      Key{
          .name = "catalog.kind",
          .type = ValueType::kChoice,
          .default_text = "filesystem",
          .description = "Where tables are found by name: in the warehouse's folders, or in a Hive metastore.",
          .choices = {"filesystem", "hive"},
      },
      Key{
          .name = "catalog.hive.uri",
          .type = ValueType::kText,
          .default_text = "",
          .description = "The Hive metastore, as thrift://HOST:PORT; several are separated by commas.",
      },
      Key{
          .name = "pipelines.location",
          .type = ValueType::kLocation,
          .default_text = "pipelines",
          .description = "Folder that holds a folder for each pipeline.",
      },
      Key{
          .name = "checks.sensitive_columns",
          .type = ValueType::kText,
          .default_text = "",
          .description = "Columns whose values checks neither show nor keep, separated by commas.",
      },
      Key{
          .name = "records.mode",
          .type = ValueType::kChoice,
          .default_text = "0600",
          .description =
              "Rights of the local files that hold or tell of rows: samples of failing rows, run records, the history of measurements.",
          .choices = {"0600", "0640", "0644", "0660", "0664"},
      },
      Key{
          .name = "retention.records",
          .type = ValueType::kDuration,
          .default_text = "",
          .description = "How long `movies-etl expire` keeps the record of a run; empty means for ever.",
      },
      Key{
          .name = "retention.samples",
          .type = ValueType::kDuration,
          .default_text = "",
          .description = "The same for samples of failing rows; the record of their run stays as long as they do.",
      },
      Key{
          .name = "retention.spool",
          .type = ValueType::kDuration,
          .default_text = "",
          .description = "The same for records that wait on this machine because they could not be delivered.",
      },
      Key{
          .name = "upkeep.optimize",
          .type = ValueType::kChoice,
          .default_text = "off",
          .description = "How often a run does `movies-etl optimize` for its table, after its days are published.",
          .choices = {"off", "daily", "weekly"},
      },
      Key{
          .name = "upkeep.vacuum",
          .type = ValueType::kDuration,
          .default_text = "",
          .description =
              "Once a day a run removes, after its days are published, the files that no version of so long needs (`movies-etl vacuum`); empty for never.",
      },
      Key{
          .name = "upkeep.time_limit",
          .type = ValueType::kDuration,
          .default_text = "10m",
          .description = "After it neither of the two begins with another partition or folder.",
      },
      Key{
          .name = "observe.prometheus.folder",
          .type = ValueType::kLocation,
          .default_text = "",
          .description =
              "Local folder in which each run leaves a text file for the collector of Prometheus' node exporter; empty for none.",
      },
      Key{
          .name = "observe.prometheus.push_url",
          .type = ValueType::kText,
          .default_text = "",
          .description = "URL of a Prometheus push gateway for the same metrics, without /metrics; empty for none.",
          .secret = true,
      },
      Key{
          .name = "observe.notify.on",
          .type = ValueType::kText,
          .default_text = "failed,refused,not_landed,conflict,recovered",
          .description =
              "Outcomes that observers are told of, once for each day, separated by commas; also interrupted, warned, published, kept.",
      },
      Key{
          .name = "observe.notify.text",
          .type = ValueType::kText,
          .default_text = "",
          .description =
              "What they are told, with fields of the outcome in braces; empty for summary, hint, run and the command to repeat it.",
      },
      Key{
          .name = "observe.webhook.url",
          .type = ValueType::kText,
          .default_text = "",
          .description = "URL that gets the outcome as JSON; empty for none.",
          .secret = true,
      },
      Key{
          .name = "observe.slack.url",
          .type = ValueType::kText,
          .default_text = "",
          .description = "URL of an incoming webhook of Slack; empty for none.",
          .secret = true,
      },
      Key{
          .name = "observe.teams.url",
          .type = ValueType::kText,
          .default_text = "",
          .description = "URL of a workflow of Microsoft Teams that posts cards; empty for none.",
          .secret = true,
      },
      Key{
          .name = "observe.email.server",
          .type = ValueType::kText,
          .default_text = "",
          .description = "SMTP server that letters are sent by, as HOST:PORT; empty for none.",
      },
      Key{
          .name = "observe.email.security",
          .type = ValueType::kChoice,
          .default_text = "starttls",
          .description = "How the connection is encrypted: by STARTTLS, from the start (tls), or not at all.",
          .choices = {"starttls", "tls", "none"},
      },
      Key{
          .name = "observe.email.user",
          .type = ValueType::kText,
          .default_text = "",
          .description = "User of the SMTP server; empty for none.",
      },
      Key{
          .name = "observe.email.password",
          .type = ValueType::kText,
          .default_text = "",
          .description = "The password of the user.",
          .secret = true,
      },
      Key{
          .name = "observe.email.from",
          .type = ValueType::kText,
          .default_text = "",
          .description = "Who the letters come from, as NAME <ADDRESS> or ADDRESS.",
      },
      Key{
          .name = "observe.email.to",
          .type = ValueType::kText,
          .default_text = "",
          .description = "Who gets them, separated by commas.",
      },
      Key{
          .name = "observe.timeout_seconds",
          .type = ValueType::kInteger,
          .default_text = "10",
          .description = "How long telling one observer one thing may take, with all attempts.",
          .minimum = 1,
      },
      Key{
          .name = "engine.name",
          .type = ValueType::kChoice,
          .default_text = "duckdb",
          .description = "What computes: DuckDB in this process, or a Spark Connect server.",
          .choices = {"duckdb", "spark"},
      },
      Key{
          .name = "engine.spark.remote",
          .type = ValueType::kText,
          .default_text = "",
          .description =
              "The Spark Connect server, as sc://host:port/;name=value...; empty means the variable SPARK_REMOTE.",
      },
      Key{
          .name = "engine.spark.token",
          .type = ValueType::kText,
          .default_text = "",
          .description = "Its bearer token; empty means the variable SPARK_CONNECT_AUTHENTICATE_TOKEN.",
          .secret = true,
      },
      Key{
          .name = "engine.spark.ca_file",
          .type = ValueType::kLocation,
          .default_text = "",
          .description = "Certificates (PEM) of the authority that signed the server's; empty means the system's.",
      },
      Key{
          .name = "engine.memory_limit",
          .type = ValueType::kSize,
          .default_text = "1GB",
          .description = "Memory the engine may use before it spills to disk.",
          .minimum = 32'000'000,
      },
      Key{
          .name = "engine.threads",
          .type = ValueType::kInteger,
          .default_text = "0",
          .description = "Threads of the engine; 0 means one for each processor.",
      },
      Key{
          .name = "engine.temp_directory",
          .type = ValueType::kLocation,
          .default_text = "",
          .description = "Folder for what does not fit into memory; empty means the system's temporary folder.",
      },
      Key{
          .name = "write.target_file_size",
          .type = ValueType::kSize,
          .default_text = "128MB",
          .description = "Size at which a new data file is begun.",
          .minimum = 1,
      },
      Key{
          .name = "write.compression",
          .type = ValueType::kChoice,
          .default_text = "zstd",
          .description = "Compression of the data files.",
          .choices = {"snappy", "zstd"},
      },
      Key{
          .name = "write.parquet_version",
          .type = ValueType::kChoice,
          .default_text = "v1",
          .description =
              "Version of the Parquet format; v2 packs sorted integers, but some readers cannot filter by them.",
          .choices = {"v1", "v2"},
      },
      Key{
          .name = "storage.s3.endpoint",
          .type = ValueType::kText,
          .default_text = "",
          .description = "URL of an S3 server other than AWS's, with its scheme; AWS_ENDPOINT_URL if empty.",
      },
      Key{
          .name = "storage.s3.region",
          .type = ValueType::kText,
          .default_text = "",
          .description = "Region of S3; AWS_REGION, the profile's or us-east-1 if empty.",
      },
      Key{
          .name = "storage.s3.path_style",
          .type = ValueType::kBoolean,
          .default_text = "",
          .description =
              "Whether the bucket stands in the path instead of the host's name; true for an endpoint of your own if empty.",
      },
      Key{
          .name = "storage.s3.allow_http",
          .type = ValueType::kBoolean,
          .default_text = "false",
          .description = "Whether an endpoint without TLS may be used.",
      },
      Key{
          .name = "storage.s3.access_key_id",
          .type = ValueType::kText,
          .default_text = "",
          .description = "Access key of S3; AWS_ACCESS_KEY_ID, a profile or a role if empty.",
          .secret = true,
      },
      Key{
          .name = "storage.s3.secret_access_key",
          .type = ValueType::kText,
          .default_text = "",
          .description = "The secret of storage.s3.access_key_id.",
          .secret = true,
      },
      Key{
          .name = "storage.s3.session_token",
          .type = ValueType::kText,
          .default_text = "",
          .description = "The token of a temporary access key.",
          .secret = true,
      },
      Key{
          .name = "storage.s3.profile",
          .type = ValueType::kText,
          .default_text = "",
          .description = "Profile of ~/.aws/credentials and ~/.aws/config; AWS_PROFILE if empty.",
      },
      Key{
          .name = "storage.azure.account_name",
          .type = ValueType::kText,
          .default_text = "",
          .description = "Storage account of az:// locations; AZURE_STORAGE_ACCOUNT_NAME if empty.",
      },
      Key{
          .name = "storage.azure.account_key",
          .type = ValueType::kText,
          .default_text = "",
          .description = "Key of the account; AZURE_STORAGE_ACCOUNT_KEY if empty.",
          .secret = true,
      },
      Key{
          .name = "storage.azure.sas_token",
          .type = ValueType::kText,
          .default_text = "",
          .description = "A shared access signature instead of a key; AZURE_STORAGE_SAS_TOKEN if empty.",
          .secret = true,
      },
      Key{
          .name = "storage.azure.endpoint",
          .type = ValueType::kText,
          .default_text = "",
          .description = "URL of a blob service other than Azure's.",
      },
      Key{
          .name = "storage.gcs.service_account_file",
          .type = ValueType::kLocation,
          .default_text = "",
          .description = "Key file of a Google service account; GOOGLE_APPLICATION_CREDENTIALS if empty.",
      },
      Key{
          .name = "storage.ca_file",
          .type = ValueType::kLocation,
          .default_text = "",
          .description =
              "PEM file of the authorities that a store's certificate is checked against; AWS_CA_BUNDLE, or the system's, if empty.",
      },
  };
  return kKeys;
}

}  // namespace metl::config
