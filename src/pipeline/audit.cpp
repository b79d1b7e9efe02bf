#include "pipeline/audit.h"

#include <cctype>
#include <chrono>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"

namespace metl::pipeline {
namespace {

constexpr const char* kView = "audited";
constexpr int kSampleRows = 100;

}  // namespace

quality::ScanResult audit(engine::Engine& engine, const Definition& pipeline, const std::string& table, const Date& day,
                          const std::vector<std::string>& files) {
  engine.create_view(kView, files, pipeline.staged_columns(), {{pipeline.partition_column, day.iso()}});
  quality::DataAccess data;
  data.view_of = [&table](const std::string& dataset) {
    const bool same = text::to_lower(dataset) == text::to_lower(table);
    return same ? std::optional<std::string>(text::sql_identifier(kView)) : std::nullopt;
  };
  data.schema_of = [&pipeline](const std::string&) { return pipeline.target_columns; };
  data.query = [&engine](const std::string& sql) { return engine.query(sql); };
  data.duplicate_keys = [&engine](const std::string& view, const std::vector<std::string>& key,
                                  const std::string& condition) { return engine.duplicate_keys(view, key, condition); };
  return quality::scan({.files = {pipeline.checks_file},
                        .variables = {{"table", table}, {"run_date", day.iso()}},
                        .now = std::chrono::system_clock::now()},
                       data);
}

bool passes(const quality::ScanResult& checks) {
  return checks.errors.empty() && checks.count(quality::Outcome::kFail) == 0 &&
         checks.count(quality::Outcome::kNotEvaluated) == 0;
}

std::vector<std::string> write_samples(engine::Engine& engine, const quality::ScanResult& checks,
                                       const std::string& folder) {
  std::vector<std::string> paths;
  int number = 0;
  for (const auto& check : checks.checks) {
    ++number;
    const bool bad = check.outcome == quality::Outcome::kFail || check.outcome == quality::Outcome::kWarn;
    if (!bad || check.failing_rows.empty()) continue;
    try {
      files::create_folders(folder);
      const auto written = engine.write(
          fmt::format("SELECT * FROM ({}\n) LIMIT {}", check.failing_rows, kSampleRows),
          {.folder = folder, .name_prefix = fmt::format("{:02}-{}", number, check.metric), .cluster_by = {}}, {});
      for (const auto& file : written) paths.push_back(file.path);
    } catch (const Error& e) {
      if (e.code() == ExitCode::kInterrupted) throw;
      // The outcome stands without its samples: their loss must not hide it.
      log::warning("no sample of the rows that failed '{}': {}", check.name, e.message());
    }
  }
  return paths;
}

}  // namespace metl::pipeline
