#include "source/source.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>

#include "base/column_names.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/unicode.h"
#include "base/widening.h"

namespace metl::source {
namespace {

constexpr size_t kMostDifferences = 20;  // that are told

std::vector<std::string> names_of(const Schema& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  return names;
}

// A file's type as people know it; the engine's own name where ours says less.
std::string shown(const Type& type, const engine::Stored& stored) {
  if (!type.is_nested() && stored.nulls == NullLeaves{true}) return "null";
  const bool is_text = type.kind == Type::Kind::kString && stored.type != "VARCHAR";
  const bool is_unsigned = stored.type.starts_with('U') && !is_text;
  return is_text || is_unsigned ? fmt::format("{} ({})", type_name(type), stored.type) : type_name(type);
}

// Whether a column of a file can be read as a declared type, with every value kept.
bool reads_as(const Type& type, const engine::Stored& stored, const Type& declared) {
  if (stored.int96 && declared.kind == Type::Kind::kTimestamp) return true;
  return widens(with_nulls_as(type, stored.nulls, declared), declared);
}

// What is wrong with a declared column in a file, whose columns have these names; "" when nothing is.
std::string difference(const engine::SourceFile& file, const std::vector<std::string>& names, const Field& declared) {
  const NameMatch found = match_name(names, declared.name);
  if (found.rivals == 0) {
    return fmt::format("column '{}' ({}) is missing.{}", declared.name, type_name(declared.type),
                       text::did_you_mean(declared.name, names));
  }
  if (found.rivals > 1) {
    return fmt::format("{} columns are named '{}'{}", found.rivals, declared.name,
                       found.exact ? "" : " but for the case of letters, and none exactly so");
  }
  const Type& type = file.schema.at(found.index).type;
  const engine::Stored& stored = file.stored.at(found.index);
  if (reads_as(type, stored, declared.type)) return {};
  return fmt::format("column '{}' has type {}, expected {}", declared.name, shown(type, stored),
                     type_name(declared.type));
}

// What lies in the day's own folder: whether a day is ready is not for the days before it to say.
Landing ready_part(const Landing& whole, const std::string& folder) {
  Landing out;
  std::copy_if(whole.files.begin(), whole.files.end(), std::back_inserter(out.files),
               [&](const auto& file) { return file.path.starts_with(folder + "/"); });
  return out;
}

}  // namespace

void require_columns(const std::vector<engine::SourceFile>& files, const Schema& declared) {
  std::vector<std::string> lines;
  std::string has;  // the first file that differs
  for (const auto& file : files) {
    const std::vector<std::string> names = names_of(file.schema);
    for (const auto& column : declared) {
      const std::string wrong = difference(file, names, column);
      if (wrong.empty()) continue;
      if (has.empty()) has = fmt::format("{}", fmt::join(names, ", "));
      lines.push_back(fmt::format("{}: {}", file.path, wrong));
    }
  }
  if (lines.empty()) return;
  const size_t more = lines.size() - std::min(lines.size(), kMostDifferences);
  lines.resize(lines.size() - more);
  if (more > 0) lines.push_back(fmt::format("and {} more differences", more));
  throw Error(Cause::kBadInput, fmt::format("{}", fmt::join(lines, "\n")),
              fmt::format("The file has: {}. Correct the file, or source.columns in pipeline.yaml.", has));
}

void warn_of_cut_times(const std::vector<engine::SourceFile>& files, const Schema& columns) {
  for (const auto& column : columns) {
    std::map<std::string, std::vector<std::string>> files_of;  // by what is finer
    for (const auto& file : files) {
      const Field* found = find_field(file.schema, column.name);
      if (found == nullptr) continue;
      for (const auto& time : file.stored.at(static_cast<size_t>(found - file.schema.data())).finer)
        files_of[time].push_back(file.path);
    }
    for (const auto& [time, where] : files_of) {
      log::warning(
          "column '{}' holds times of nanoseconds ({}) in {}{}: they are cut to microseconds, the finest that a "
          "table has",
          column.name, text::printable(time), where.front(),
          where.size() > 1 ? fmt::format(" and {} more files", where.size() - 1) : "");
    }
  }
}

std::string Source::folder(const Interval& interval) const {
  const std::string below = interval.day.format(described_.path);
  return fmt::format("{}/{}", location_,
                     text::replace_all(below, "{HH}", fmt::format("{:02}", interval.hour.value_or(0))));
}

// The run's own folder, which must be there, and those before it, which need not.
Landing Source::look(const Interval& interval) const {
  Landing out = look_at_day(folder(interval), described_.contents);
  for (int back = 1; back <= described_.lookback; ++back) {
    const std::string earlier = folder(interval.before(back));
    Landing found;
    try {
      found = look_at_day(earlier, described_.contents);
    } catch (const Error& e) {
      if (e.cause() != Cause::kInputMissing) throw;
      continue;
    }
    std::move(found.files.begin(), found.files.end(), std::back_inserter(out.files));
    for (const auto& other : found.passed_over) out.passed_over.push_back(fmt::format("{}/{}", earlier, other));
    out.has_folders = out.has_folders || found.has_folders;
  }
  std::sort(out.files.begin(), out.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return out;
}

Landing Source::landed(const Interval& interval) const {
  const std::string where = folder(interval);
  Landing landing = look(interval);
  if (const auto missing =
          missing_of(described_.ready, where, ready_part(landing, where), std::chrono::system_clock::now());
      !missing.empty()) {
    throw Error(
        Cause::kInputMissing, fmt::format("raw folder {} is not ready: {}", where, missing),
        fmt::format("source.ready in {} says when a day has landed. Run again then, or with --wait.", described_.file));
  }
  return landing;
}

Snapshot Source::snapshot(const Interval& interval, engine::Engine& engine) const {
  const std::string where = folder(interval);
  const auto look_again = [self = *this, interval] { return self.look(interval); };
  Snapshot out(described_.contents, landed(interval), look_again, engine);
  log::info("reading {} files of {}{} ({}{})", out.landing().files.size(), where,
            described_.lookback > 0
                ? fmt::format(" and {} {} before it", described_.lookback, described_.by_hour ? "hours" : "days")
                : "",
            out.is_readable() ? text::human_count(out.rows()) + " rows, " : "", text::human_bytes(out.bytes()));
  for (const auto& other : out.landing().passed_over)
    log::warning("passed over in {}, none of its rows are part of the day: {}", where, other);
  return out;
}

void Source::require_rows(const Interval& interval, const Snapshot& snapshot) const {
  if (snapshot.rows() > 0) return;
  const auto& [files, passed_over, has_folders] = snapshot.landing();
  const std::string nothing = fmt::format("raw folder {} holds no {}", folder(interval),
                                          files.empty() ? described_.contents.format() + " files" : "rows");
  const std::string beside =
      passed_over.empty() ? std::string() : fmt::format(", but {}", fmt::join(passed_over, ", "));
  if (has_folders || (!passed_over.empty() && described_.on_empty_input != EmptyInput::kFail)) {
    throw Error(Cause::kBadInput, nothing + beside,
                fmt::format("Whether the day is empty cannot be told. Put its files into the folder itself and under "
                            "names that end in {}, or correct source.path; or move away what does not belong there.",
                            fmt::join(described_.contents.endings(), ", ")));
  }
  if (described_.on_empty_input != EmptyInput::kFail) return;
  throw Error(
      Cause::kInputMissing, nothing + beside,
      fmt::format("If a day without data is in order, set on_empty_input: keep or clear in {}.", described_.file));
}

Snapshot::Snapshot(Contents contents, Landing seen, std::function<Landing()> look, engine::Engine& engine)
    : contents_(std::move(contents)), look_(std::move(look)), landing_(std::move(seen)) {
  if (contents_.text) return;
  std::vector<std::string> paths;
  for (const auto& file : landing_.files) paths.push_back(file.path);
  try {
    files_ = engine.inspect(paths);
  } catch (const Error& e) {
    if (e.code() == ExitCode::kRunFailed) require_unchanged();
    throw;
  }
  require_columns(files_, contents_.columns);
  warn_of_cut_times(files_, contents_.columns);
}

void Snapshot::to_parquet(engine::Engine& engine, const engine::WriteOptions& options) {
  if (is_readable()) return;
  std::vector<std::string> paths;
  for (const auto& file : landing_.files) paths.push_back(file.path);
  files_ = engine.to_parquet(paths, *contents_.text, contents_.columns, options);
}

std::vector<std::string> Snapshot::made() const {
  std::vector<std::string> out;
  for (const auto& file : files_) {
    if (contents_.text) out.push_back(file.path);
  }
  return out;
}

int64_t Snapshot::rows() const {
  int64_t sum = 0;
  for (const auto& file : files_) sum += file.rows;
  return sum;
}

uint64_t Snapshot::bytes() const {
  uint64_t sum = 0;
  for (const auto& file : landing_.files) sum += file.bytes;
  return sum;
}

std::string Snapshot::changed() const {
  try {
    return first_difference(landing_, look_());
  } catch (const Error& e) {
    if (e.cause() != Cause::kInputMissing && e.cause() != Cause::kConfiguration) throw;
    return e.message();
  }
}

void Snapshot::require_unchanged() const {
  const std::string change = changed();
  if (change.empty()) return;
  throw Error(Cause::kConflict, fmt::format("the raw files have changed since this run began: {}", change),
              "Run again: the next run reads the files as they are then.");
}

}  // namespace metl::source
