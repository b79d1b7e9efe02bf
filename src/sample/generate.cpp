#include "sample/generate.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <system_error>

#include "base/error.h"
#include "base/text.h"
#include "sample/sql.h"

namespace metl::sample {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxRows = 1'000'000'000;
constexpr int64_t kRowsPerFile = 4'000'000;
constexpr int kDefaultFiles = 5;
constexpr int kMaxFiles = 10'000;

Error wrong(std::string message, std::string hint = {}) { return {Cause::kUsage, std::move(message), std::move(hint)}; }

// Also checks the numbers: what it returns satisfies day_select's ranges for any day.
DayPlan plan_of(const GenerateRequest& request) {
  if (request.rows < 1 || request.rows > kMaxRows) {
    throw wrong(fmt::format("cannot generate {} rows", text::human_count(request.rows)),
                fmt::format("Rows of a day: 1 to {}.", text::human_count(kMaxRows)));
  }
  if (!(request.duplicate_percent >= 0 && request.duplicate_percent <= 95)) {
    throw wrong(fmt::format("duplicates of {} %", request.duplicate_percent),
                "The share of duplicates is 0 to 95 percent.");
  }
  if (request.files < 0 || request.files > kMaxFiles) {
    throw wrong(fmt::format("cannot write {} files", request.files),
                fmt::format("Files of a day: 1 to {}.", kMaxFiles));
  }
  const int64_t kinds[] = {request.bad_ratings, request.bad_languages, request.null_timestamps,
                           request.negative_budgets};
  int64_t faults = 0;
  for (const int64_t count : kinds) {
    if (count < 0 || count > kMaxRows) throw wrong(fmt::format("cannot generate {} faulty rows", count));
    faults += count;
  }
  const int64_t duplicates = std::llround(static_cast<double>(request.rows) * request.duplicate_percent / 100);
  const int64_t unique = request.rows - duplicates;
  const int64_t available = duplicates > 0 ? unique - 1 : unique;
  if (faults > available) {
    throw wrong(fmt::format("{} faulty rows do not fit into {} rows with {} duplicates", text::human_count(faults),
                            text::human_count(request.rows), text::human_count(duplicates)),
                "A row has one fault at most, and duplicates copy sound rows only.");
  }
  DayPlan plan;
  plan.seed = request.seed;
  plan.rows = request.rows;
  plan.unique = unique;
  plan.bad_ratings = request.bad_ratings;
  plan.bad_languages = request.bad_languages;
  plan.null_timestamps = request.null_timestamps;
  plan.negative_budgets = request.negative_budgets;
  return plan;
}

int file_count(const GenerateRequest& request) {
  const int64_t wanted = request.files > 0
                             ? request.files
                             : std::max<int64_t>(kDefaultFiles, (request.rows + kRowsPerFile - 1) / kRowsPerFile);
  return static_cast<int>(std::min(wanted, request.rows));
}

fs::path day_folder(const std::string& output, const Date& day) {
  return fs::path(output) / day.format("{yyyy}/{MM}/{dd}");
}

void require_new(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return;
  if (fs::is_directory(folder, error) && fs::is_empty(folder, error)) return;
  throw wrong(fmt::format("{} exists already and is not empty", folder.string()),
              "Remove it or choose another output folder.");
}

// A folder beside the day's, removed unless it was moved into place.
class Workspace {
 public:
  explicit Workspace(const fs::path& target)
      : target_(target), path_(target.parent_path() / fmt::format(".{}.XXXXXX", target.filename().string())) {
    fs::create_directories(target.parent_path());
    std::string made = path_.string();
    if (::mkdtemp(made.data()) == nullptr)
      throw fs::filesystem_error("", path_, std::error_code(errno, std::generic_category()));
    path_ = made;
  }
  ~Workspace() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  const fs::path& path() const { return path_; }
  // Readable for all, as far as the umask allows: mkdtemp made it its owner's alone.
  void publish() const {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::chmod(path_.c_str(), 0777 & ~mask);
    fs::rename(path_, target_);
  }

 private:
  fs::path target_;
  fs::path path_;
};

// Writes one day in `parts` files.
GeneratedDay write_day(const Date& day, const fs::path& folder, const DayPlan& plan, int parts, engine::Engine& engine,
                       const std::function<void(int part, double percent, uint64_t rows)>& progress) {
  GeneratedDay result{day, folder.string(), 0, plan.rows - plan.unique, 0, 0};
  const Workspace workspace(folder);
  for (int part = 0; part < parts; ++part) {
    engine::WriteOptions options;
    options.folder = fs::absolute(workspace.path()).string();
    options.name_prefix = fmt::format("{}", part);
    options.compression = "snappy";                                                     // as the job's raw files came
    options.target_bytes = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());  // one file a call
    const auto written = engine.write(day_select(plan, part, parts), options, [&](const engine::Advance& now) {
      progress(part, now.percent, static_cast<uint64_t>(result.rows) + now.rows);
    });
    for (const engine::DataFile& file : written) {
      fs::rename(file.path, workspace.path() / fmt::format("part-{:05}.snappy.parquet", result.files));
      ++result.files;
      result.rows += file.rows;
      result.bytes += file.bytes;
    }
  }
  if (result.rows != plan.rows) {
    throw Error(Cause::kInternal, fmt::format("generated {} rows of {} for {}", text::human_count(result.rows),
                                              text::human_count(plan.rows), plan.day));
  }
  workspace.publish();
  return result;
}

}  // namespace

std::vector<GeneratedDay> generate(const GenerateRequest& request, engine::Engine& engine,
                                   const engine::Progress& progress) {
  DayPlan plan = plan_of(request);
  if (request.output.find("://") != std::string::npos) {
    throw wrong(fmt::format("cannot generate into {}", request.output), "The output is a local folder.");
  }
  for (const Date& day : request.days) require_new(day_folder(request.output, day));

  const int parts = file_count(request);
  const double steps = static_cast<double>(parts) * static_cast<double>(request.days.size());
  std::vector<GeneratedDay> results;
  for (const Date& day : request.days) {
    plan.day = day.iso();
    const auto day_progress = [&](int part, double percent, uint64_t rows) {
      if (!progress) return;
      const double done = static_cast<double>(results.size()) * parts + part;
      progress({(done * 100 + percent) / steps, results.size() * static_cast<uint64_t>(plan.rows) + rows});
    };
    try {
      results.push_back(write_day(day, day_folder(request.output, day), plan, parts, engine, day_progress));
    } catch (const fs::filesystem_error& error) {
      throw Error(cause_of_errno(error.code().value()),
                  fmt::format("{}: {}", error.path1().string(), error.code().message()));
    }
  }
  return results;
}

}  // namespace metl::sample
