#include "engine/spark/spark_engine.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "engine/spark/arrow.h"
#include "engine/spark/day_files.h"
#include "engine/spark/sql.h"
#include "engine/spark/stage.h"
#include "engine/spark/storage.h"

namespace metl::engine {
namespace {

namespace sc = spark::connect;
using spark_sql::identifier;
using spark_sql::identifiers;

constexpr const char* kRaw = "metl_raw";         // the view of the day's files
constexpr std::chrono::milliseconds kLook{100};  // between two at what killed tasks leave

// What must not depend on the server's own configuration.
const Settings& session_settings() {
  static const Settings kSettings{
      // One text of SQL for both engines: errors instead of NULLs, days and times in UTC.
      {"spark.sql.ansi.enabled", "true"},
      {"spark.sql.ansi.doubleQuotedIdentifiers", "false"},
      {"spark.sql.parser.escapedStringLiterals", "false"},
      {"spark.sql.ansi.enforceReservedKeywords", "false"},
      {"spark.sql.caseSensitive", "false"},
      {"spark.sql.session.timeZone", "UTC"},
      {"spark.sql.mapKeyDedupPolicy", "EXCEPTION"},
      // Files that every reader understands, and none of the input left out in silence.
      {"spark.sql.files.ignoreCorruptFiles", "false"},
      {"spark.sql.files.ignoreMissingFiles", "false"},
      {"spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS"},
      {"spark.sql.parquet.writeLegacyFormat", "false"},
      {"spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED"},
      {"spark.sql.parquet.int96RebaseModeInRead", "CORRECTED"},
      {"spark.sql.parquet.int96TimestampConversion", "false"},
      {"spark.sql.legacy.parquet.nanosAsLong", "true"},
      {"spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED"},
      // The filter on a row number drops few rows: ranking them before the shuffle too would sort them twice.
      {"spark.sql.optimizer.windowGroupLimitThreshold", "-1"},
      {"spark.sql.adaptive.enabled", "true"},
      {"spark.connect.progress.reportInterval", "500ms"},
  };
  return kSettings;
}

sc::Plan plan_of(const std::string& sql) {
  sc::Plan plan;
  plan.mutable_root()->mutable_sql()->set_query(sql);
  return plan;
}

// Quoted only where it must be: Sail takes quotes for a part of the name.
sc::Plan view_plan(const std::string& name, sc::Relation input) {
  const bool plain =
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  sc::Plan plan;
  auto* view = plan.mutable_command()->mutable_create_dataframe_view();
  *view->mutable_input() = std::move(input);
  view->set_name(plain ? name : identifier(name));
  view->set_replace(true);
  return plan;
}

// One group's columns out of a view of its files.
std::string select_of(const Schema& columns, const FileGroup& group, const std::string& view) {
  std::vector<std::string> items;
  for (const auto& column : columns) {
    const auto constant = group.constants.find(column.name);
    if (constant == group.constants.end()) {
      items.push_back(identifier(column.name));
      continue;
    }
    items.push_back(fmt::format("CAST({} AS {}) AS {}",
                                constant->second ? spark_sql::literal(*constant->second) : "NULL",
                                spark_sql::type_text(column.type), identifier(column.name)));
  }
  return fmt::format("SELECT {} FROM {}", fmt::join(items, ", "), view);
}

// Spark reads files as they lie; its server has no functions of ours that could say more about them.
void require_plain(const std::string& name, const std::vector<FileGroup>& groups, const StoredColumns& stored) {
  const char* has = stored.columns.empty() ? nullptr : "column mapping";
  for (const auto& group : groups) {
    if (!group.deleted_rows.empty()) has = "deletion vectors";
  }
  if (has == nullptr) return;
  throw Error(Cause::kNotSupported, fmt::format("{} has {}, which Spark cannot read as plain files", name, has),
              "Use the default engine: --engine duckdb.");
}

}  // namespace

SparkEngine::SparkEngine(const Remote& remote, SharedFiles files)
    : SparkEngine(remote, std::move(files), std::make_shared<SparkInterruption>(), false) {}

SparkEngine::SparkEngine(const Remote& remote, SharedFiles files, std::shared_ptr<SparkInterruption> interruption,
                         bool confined)
    : remote_(remote),
      files_(std::move(files)),
      interruption_(std::move(interruption)),
      confined_(confined),
      client_(remote_, interruption_) {}

std::string SparkEngine::description() {
  client();
  return "Spark " + version_;
}

SparkClient& SparkEngine::client() {
  if (!version_.empty()) return client_;
  // Where a server answered before, a lost answer is no sign that there is none: only version() gives up soon.
  const std::string version = known_.empty() ? client_.version() : known_;
  client_.configure(session_settings());
  // SQL may not name files; our own views do not need it.
  if (confined_) client_.configure({{"spark.sql.runSQLOnFiles", "false"}});
  version_ = version;
  return client_;
}

Schema SparkEngine::describe(const Schema& source_columns, const std::string& select) {
  if (confined_) spark_sql::require_harmless(select);
  try {
    const std::string sql = spark_sql::from_portable(select);
    return rows(spark_sql::with_source(spark_sql::empty_select(source_columns), "*", sql) + " LIMIT 0").columns;
  } catch (const Error& e) {
    if (e.cause() != Cause::kStatement) throw;
    throw Error(Cause::kConfiguration, e.message());
  }
}

StageResult SparkEngine::stage(const StageRequest& request, const Progress& progress) {
  create_day_view(request);
  client().configure({{"spark.sql.files.maxPartitionBytes", fmt::format("{}b", request.write.target_bytes)}});
  StageRequest plain = request;
  plain.dedupe.reset();
  plain.write.cluster_by.clear();
  const Schema yields = describe(request.source_columns, request.select);
  const Shape shape = shape_of(client().explain(target_sql(plain, deduplicated(plain, kRaw, 1), yields, true)));
  const std::string source = deduplicated(request, kRaw, task_count(request));
  StageResult result;
  result.files =
      write_files(target_sql(request, source, yields, shape.row_wise), request.write, request.target_columns, progress);
  for (const auto& file : result.files) result.rows += file.rows;
  result.at_most_one = shape.at_most_one;
  const int64_t seen = count_of(kRaw);
  if (shape.keeps_rows) {
    result.given = result.rows;
  } else if (request.dedupe) {
    result.given =
        count_of(fmt::format("(SELECT DISTINCT {} FROM {}) AS metl_keys", identifiers(request.dedupe->key), kRaw));
  } else {
    result.given = seen;
  }
  if (request.dedupe) result.duplicates = seen - result.given;
  return result;
}

int64_t SparkEngine::count_of(const std::string& from) {
  return std::get<int64_t>(rows("SELECT count(*) FROM " + from).rows.at(0).at(0));
}

void SparkEngine::create_day_view(const StageRequest& request) {
  const auto kinds = alike_files(request);
  if (kinds.size() == 1 && kinds.front().as_declared) {
    create_files_view(kRaw, kinds.front().columns, kinds.front().paths);
    return;
  }
  std::vector<std::string> selects;
  for (const auto& kind : kinds) {
    const std::string name = fmt::format("{}_{}", kRaw, selects.size());
    create_files_view(name, kind.columns, kind.paths);
    selects.push_back(fmt::format("SELECT {} FROM {}", fmt::join(kind.items, ", "), name));
  }
  sc::Relation select;
  select.mutable_sql()->set_query(fmt::format("{}", fmt::join(selects, "\nUNION ALL\n")));
  client().execute(view_plan(kRaw, std::move(select)), {}, {});
}

std::string SparkEngine::create_view(const std::string& name, const Schema& columns,
                                     const std::vector<FileGroup>& groups, const StoredColumns& names) {
  require_plain(name, groups, names);
  const std::string plain = text::replace_all(name, ".", "__");
  std::vector<std::string> selects;
  for (const auto& group : groups) {
    if (group.paths.empty()) continue;
    Schema stored;
    for (const auto& column : columns) {
      if (!group.constants.contains(column.name)) stored.push_back(column);
    }
    const std::string files = fmt::format("metl_files_{}_{}", plain, selects.size());
    create_files_view(files, stored, group.paths);
    selects.push_back(select_of(columns, group, identifier(files)));
  }
  if (selects.empty()) selects.push_back(spark_sql::empty_select(columns));
  sc::Relation select;
  select.mutable_sql()->set_query(fmt::format("{}", fmt::join(selects, "\nUNION ALL\n")));
  client().execute(view_plan(plain, std::move(select)), {}, {});
  if (text::table_name_parts(name)) views_[text::to_lower(name)] = identifier(plain);
  return identifier(plain);
}

// With the schema said, Spark opens no file to learn it; a column that a file lacks is NULL, as the Delta protocol
// wants.
void SparkEngine::create_files_view(const std::string& name, const Schema& columns,
                                    const std::vector<std::string>& paths) {
  sc::Relation input;
  auto* source = input.mutable_read()->mutable_data_source();
  source->set_format("parquet");
  source->set_schema(spark_sql::columns_text(columns));
  for (const auto& path : paths) source->add_paths(spark_pattern(path));
  client().execute(view_plan(name, std::move(input)), {}, {});
}

std::unique_ptr<Engine> SparkEngine::confined(const Confinement&) {
  Remote remote = remote_;
  remote.session_id.clear();  // views and settings of its own
  auto out = std::unique_ptr<SparkEngine>(new SparkEngine(remote, files_, interruption_, true));
  out->known_ = version_;
  return out;
}

Rows SparkEngine::query(const std::string& sql) { return rows(spark_text(sql)); }

std::string SparkEngine::spark_text(const std::string& sql) const {
  return confined_ ? spark_sql::confined(sql, views_) : spark_sql::from_portable(sql);
}

Rows SparkEngine::rows(const std::string& sql) {
  log::debug("spark: {}", sql);
  Rows result;
  client().execute(plan_of(sql), [&](const std::string& stream) { add_rows(stream, result); }, {});
  return result;
}

std::vector<DataFile> SparkEngine::write(const std::string& select, const WriteOptions& options,
                                         const Progress& progress) {
  const std::string sql = spark_text(select);
  const Schema columns = rows(fmt::format("SELECT * FROM ({}\n) AS metl_shape LIMIT 0", sql)).columns;
  return write_files(sql, options, columns, progress);
}

std::vector<DataFile> SparkEngine::write_files(const std::string& sql, const WriteOptions& options,
                                               const Schema& columns, const Progress& progress) {
  log::debug("spark: {}", sql);
  const std::string folder = fmt::format("{}/{}", options.folder, options.name_prefix);
  sc::Plan plan;
  auto* write = plan.mutable_command()->mutable_write_operation();
  write->mutable_input()->mutable_sql()->set_query(sql);
  write->set_source("parquet");
  write->set_path(spark_path(folder));
  write->set_mode(sc::WriteOperation::SAVE_MODE_ERROR_IF_EXISTS);
  (*write->mutable_options())["compression"] = options.compression;
  (*write->mutable_options())["parquet.writer.version"] = options.parquet_version;
  try {
    client().execute(plan, {}, progress);
  } catch (...) {
    const stop::Hold whole(stop::Hold::For::kCleanup);
    wait_for_killed_tasks([&] { return files_.list(folder); }, kLook);
    throw;
  }
  return files_.measure(take_data_files(folder, files_.list(folder), files_.remove), columns);
}

int64_t SparkEngine::duplicate_keys(const std::string& view, const std::vector<std::string>& key,
                                    const std::string& condition) {
  std::vector<std::string> conditions;
  for (const auto& name : key) conditions.push_back(identifier(name) + " IS NOT NULL");
  if (!condition.empty()) conditions.push_back(fmt::format("({}\n)", condition));
  const Rows result =
      query(fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} WHERE {} GROUP BY {} HAVING count(*) > 1) AS metl_keys",
                        view, fmt::join(conditions, " AND "), identifiers(key)));
  return std::get<int64_t>(result.rows.at(0).at(0));
}

}  // namespace metl::engine
