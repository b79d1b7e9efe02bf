// The distributed engine: a Spark Connect server computes and writes; only SQL travels there, and only small results
// come back. It reaches the same files as this program does. What became of them is read on this side, by functions
// that the caller gives.
//
// See engine/engine.h for what every method promises. A confined engine is a session of its own in which SQL cannot
// name files; what tables the server itself lets its users read stays readable (docs/spark.md).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/spark/client.h"

namespace metl::engine {

// The files that both reach, as this side sees them.
struct SharedFiles {
  std::function<std::vector<std::string>(const std::string& folder)> list;  // with all below it
  std::function<void(const std::vector<std::string>& paths)> remove;
  std::function<std::vector<SourceFile>(const std::vector<std::string>& paths)> inspect;
  std::function<std::vector<DataFile>(const std::vector<std::string>& paths, const Schema& columns)> measure;
  std::function<std::vector<SourceFile>(const std::vector<std::string>& paths, const TextFormat& format,
                                        const Schema& columns, const WriteOptions& options)>
      to_parquet;
};

class SparkEngine final : public Engine {
 public:
  // Connects when first used, description() included: a method may throw Error because no server answers,
  // Error{kConfiguration} because it refuses the token or certificate. Throws Error{kConfiguration} for settings that
  // cannot be used.
  SparkEngine(const Remote& remote, SharedFiles files);

  std::string description() override;
  const sql::Dialect& dialect() const override { return sql::spark_dialect(); }
  bool is_a_server() const override { return true; }
  std::vector<SourceFile> inspect(const std::vector<std::string>& paths) override { return files_.inspect(paths); }
  std::vector<SourceFile> to_parquet(const std::vector<std::string>& paths, const TextFormat& format,
                                     const Schema& columns, const WriteOptions& options) override {
    return files_.to_parquet(paths, format, columns, options);
  }
  Schema describe(const Schema& source_columns, const std::string& select) override;
  StageResult stage(const StageRequest& request, const Progress& progress) override;
  std::string create_view(const std::string& name, const Schema& columns, const std::vector<FileGroup>& groups,
                          const StoredColumns& stored = {}) override;
  Rows query(const std::string& sql) override;
  std::vector<DataFile> write(const std::string& select, const WriteOptions& options,
                              const Progress& progress) override;
  int64_t duplicate_keys(const std::string& view, const std::vector<std::string>& key,
                         const std::string& condition) override;
  std::unique_ptr<Engine> confined(const Confinement& limits) override;
  void interrupt() override { interruption_->request(); }

 private:
  SparkEngine(const Remote& remote, SharedFiles files, std::shared_ptr<SparkInterruption> interruption, bool confined);
  SparkClient& client();  // connected, the session's settings made
  std::string spark_text(const std::string& sql) const;
  Rows rows(const std::string& sql);
  int64_t count_of(const std::string& from);          // rows of what stands behind FROM
  void create_day_view(const StageRequest& request);  // the declared columns, as their types
  void create_files_view(const std::string& name, const Schema& columns, const std::vector<std::string>& paths);
  std::vector<DataFile> write_files(const std::string& sql, const WriteOptions& options, const Schema& columns,
                                    const Progress& progress);

  Remote remote_;
  SharedFiles files_;
  std::shared_ptr<SparkInterruption> interruption_;
  bool confined_;
  SparkClient client_;
  std::string version_;                       // the server's; "" before the first word with it
  std::string known_;                         // version of the server, when another session has heard it
  std::map<std::string, std::string> views_;  // lower-case "database.table" -> quoted name of its view
};

}  // namespace metl::engine
