#include "pipeline/audit.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "quality/model/own_query.h"
#include "quality/model/sensitive.h"
#include "sql/names.h"
#include "storage/store.h"

namespace metl::pipeline {
namespace {

constexpr int kPreviewRows = 5;
constexpr int kSampleRows = 100;  // of `sample datasets`

// The failing rows' columns as a list for SELECT, without the sensitive ones; "" when none is left.
std::string shown_columns(const Schema& columns, const std::vector<std::string>& names_of_sensitive) {
  const quality::SensitiveColumns sensitive(names_of_sensitive);
  std::vector<std::string> names;
  for (const auto& column : columns) {
    if (!sensitive.hold(column)) names.push_back(sql::identifier(column.name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// Whether a check's own query selects the failing rows. It may show a sensitive column under any name, also one that it
// does not name itself (a star, a renaming by position, a row as a whole); what is generated shows columns under their
// own names. Rejected: to search the query's text, or to follow its columns, which a new form of SQL gets past.
bool is_own_query(const std::string& select) { return select.ends_with(quality::kOwnQueryEnd); }

struct Sample {
  std::string file;  // "" when no row or no column is left
  Rows preview;
};

// Keeps the first rows of a SELECT. No name here is `sample`, which is a keyword to Sail.
Sample keep_sample(engine::Engine& engine, const AuditRequest& request, const std::string& name,
                   const std::string& select, int64_t limit) {
  Sample out;
  const Rows shape = engine.query(fmt::format("SELECT * FROM ({}\n) AS kept LIMIT 0", select));
  const std::string columns = shown_columns(shape.columns, request.scan.sensitive_columns);
  if (columns.empty()) return out;
  storage::make_private_folder(request.samples_folder, request.record_mode);
  const auto written = engine.write(fmt::format("SELECT {} FROM ({}\n) AS kept LIMIT {}", columns, select, limit),
                                    {.folder = request.samples_folder, .name_prefix = name, .cluster_by = {}}, {});
  if (written.empty()) return out;
  for (const auto& file : written) storage::set_mode(file.path, request.record_mode);
  out.file = written.front().path;
  const auto sources = engine.inspect({out.file});
  const std::string view = engine.create_view("kept_sample", sources.front().schema, {{{out.file}, {}}});
  out.preview = engine.query(fmt::format("SELECT * FROM {} LIMIT {}", view, kPreviewRows));
  return out;
}

void keep_samples(engine::Engine& engine, const AuditRequest& request, quality::ScanResult& result) {
  // Outcomes stand without their samples: the loss of some must not hide them.
  const auto guarded = [&](const std::string& what, const auto& keep) {
    try {
      keep();
    } catch (const Error& e) {
      if (e.cause() == Cause::kInterrupted) throw;
      // What an engine says of data may quote it.
      const bool quotes = e.cause() == Cause::kStatement && !request.scan.sensitive_columns.empty();
      log::warning("no sample of {}: {}", what, quotes ? "the query fails on the data" : e.message());
    }
  };
  for (auto& sample : result.survey.samples) {
    guarded(sample.dataset, [&] {
      const auto kept = keep_sample(engine, request, sample.dataset, sample.rows, kSampleRows);
      sample.file = kept.file;
      sample.preview = kept.preview;
    });
  }
  int number = 0;
  for (auto& check : result.checks) {
    ++number;
    const bool bad = check.outcome == quality::Outcome::kFail || check.outcome == quality::Outcome::kWarn;
    if (!bad || check.failing_rows.empty() || check.samples_limit == 0) continue;
    if (!request.scan.sensitive_columns.empty() && is_own_query(check.failing_rows)) {
      log::info("no sample of the rows that failed '{}': its own query could show a column of checks.sensitive_columns",
                check.name);
      continue;
    }
    guarded(fmt::format("the rows that failed '{}'", check.name), [&] {
      const auto kept = keep_sample(engine, request, fmt::format("{:02}-{}", number, check.metric), check.failing_rows,
                                    check.samples_limit);
      check.sample_file = kept.file;
      check.sample_preview = kept.preview;
    });
  }
}

std::unique_ptr<engine::Engine> confined_to(const AuditRequest& request, engine::Engine& engine) {
  engine::Confinement limits;
  if (!request.samples_folder.empty()) limits.writable = request.samples_folder;
  limits.folders = request.folders;
  for (const auto& dataset : request.datasets) allow(dataset, limits);
  limits.own_sql = request.scan.compat;  // Soda Core asks the database itself
  return engine.confined(limits);
}

Datasets datasets_of(const AuditRequest& request, engine::Engine& engine) {
  Datasets out(engine, request.catalog);
  for (const auto& dataset : request.datasets) out.add(dataset);
  return out;
}

// The same access; `failure` becomes the first error that no check is to blame for: a table or data that cannot be
// read, memory that was short.
quality::DataAccess noting(quality::DataAccess data, std::optional<Error>& failure) {
  const auto note = [&failure](const Error& e, bool always) {
    const bool counts = e.code() == ExitCode::kRunFailed && (always || is_of_the_system(e.cause()));
    if (counts && !failure) failure = e;
  };
  data.view_of = [note, view_of = data.view_of](const std::string& dataset) {
    try {
      return view_of(dataset);
    } catch (const Error& e) {
      note(e, true);
      throw;
    }
  };
  data.query = [note, query = data.query](const std::string& sql) {
    try {
      return query(sql);
    } catch (const Error& e) {
      note(e, false);
      throw;
    }
  };
  data.duplicate_keys = [note, count = data.duplicate_keys](const std::string& view,
                                                            const std::vector<std::string>& key,
                                                            const std::string& condition) {
    try {
      return count(view, key, condition);
    } catch (const Error& e) {
      note(e, false);
      throw;
    }
  };
  return data;
}

}  // namespace

void require_understood(engine::Engine& engine, const AuditRequest& request) {
  const auto confined = confined_to(request, engine);
  Datasets datasets = datasets_of(request, *confined);
  std::optional<Error> failure;
  quality::Explanation understood = quality::explain(request.scan, noting(datasets.access(), failure));
  stop::check();
  if (failure) throw Error(*failure);
  if (!confined->is_a_server()) {  // to which every question is a journey
    const auto bind = [&](const std::string& sql) {
      confined->query(fmt::format("SELECT * FROM ({}\n) AS bound LIMIT 0", sql));
    };
    quality::bind_queries(understood, bind, understood.errors);
  }
  if (understood.errors.empty()) return;
  std::vector<std::string> lines;
  for (const auto& error : understood.errors) {
    const std::string place = quality::to_text(error.location);
    lines.push_back(place.empty() ? error.message : fmt::format("{}: {}", place, error.message));
  }
  throw Error(Cause::kConfiguration, fmt::format("{}", fmt::join(lines, "\n")),
              "Correct the checks. `movies-etl check --explain` shows how they are understood. No data was read.");
}

quality::ScanResult audit(engine::Engine& engine, const AuditRequest& request) {
  const auto confined = confined_to(request, engine);
  Datasets datasets = datasets_of(request, *confined);
  std::optional<Error> failure;
  quality::ScanResult result = quality::scan(request.scan, noting(datasets.access(), failure));
  stop::check();
  if (request.is_gate && failure) throw failure->within("the checks could not be run");
  if (!request.samples_folder.empty()) keep_samples(*confined, request, result);
  return result;
}

quality::Explanation explain(engine::Engine& engine, const AuditRequest& request) {
  const auto confined = confined_to(request, engine);
  Datasets datasets = datasets_of(request, *confined);
  return quality::explain(request.scan, datasets.access());
}

std::string history_file(const std::string& warehouse) { return warehouse + "/_checks/history.jsonl"; }

bool passes(const quality::ScanResult& checks) {
  return checks.errors.empty() && checks.count(quality::Outcome::kFail) == 0 &&
         checks.count(quality::Outcome::kNotEvaluated) == checks.warming_up();
}

}  // namespace metl::pipeline
