#include "base/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <system_error>

namespace metl {
namespace {

struct Row {
  Cause cause;
  std::string_view name;
  ExitCode code;
};

constexpr std::array kRows{
    Row{Cause::kUsage, "usage", ExitCode::kUsage},
    Row{Cause::kConfiguration, "configuration", ExitCode::kConfig},
    Row{Cause::kInputMissing, "input_missing", ExitCode::kInputMissing},
    Row{Cause::kConflict, "conflict", ExitCode::kConflict},
    Row{Cause::kInterrupted, "interrupted", ExitCode::kInterrupted},
    Row{Cause::kTimedOut, "timed_out", ExitCode::kRunFailed},
    Row{Cause::kCheckFailed, "check_failed", ExitCode::kCheckFailed},
    Row{Cause::kBadInput, "bad_input", ExitCode::kRunFailed},
    Row{Cause::kStatement, "statement", ExitCode::kRunFailed},
    Row{Cause::kNotFound, "not_found", ExitCode::kRunFailed},
    Row{Cause::kNoRights, "no_rights", ExitCode::kRunFailed},
    Row{Cause::kNoSpace, "no_space", ExitCode::kRunFailed},
    Row{Cause::kNoMemory, "no_memory", ExitCode::kRunFailed},
    Row{Cause::kNoThreads, "no_threads", ExitCode::kRunFailed},
    Row{Cause::kTooManyFiles, "too_many_files", ExitCode::kRunFailed},
    Row{Cause::kCutShort, "cut_short", ExitCode::kRunFailed},
    Row{Cause::kDiskFault, "disk_fault", ExitCode::kRunFailed},
    Row{Cause::kNoCredentials, "no_credentials", ExitCode::kRunFailed},
    Row{Cause::kUnreachable, "unreachable", ExitCode::kRunFailed},
    Row{Cause::kUnknownOutcome, "unknown_outcome", ExitCode::kRunFailed},
    Row{Cause::kDamagedTable, "damaged_table", ExitCode::kRunFailed},
    Row{Cause::kNotSupported, "not_supported", ExitCode::kRunFailed},
    Row{Cause::kOutput, "output", ExitCode::kRunFailed},
    Row{Cause::kDisagreement, "disagreement", ExitCode::kRunFailed},
    Row{Cause::kInternal, "internal", ExitCode::kRunFailed},
    Row{Cause::kFailed, "failed", ExitCode::kRunFailed},
};

const Row& row_of(Cause cause) {
  return *std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.cause == cause; });
}

}  // namespace

ExitCode exit_code_of(Cause cause) { return row_of(cause).code; }

std::string_view name_of(Cause cause) { return row_of(cause).name; }

Cause cause_named(std::string_view name) {
  const auto* found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.name == name; });
  return found == kRows.end() ? Cause::kFailed : found->cause;
}

std::string_view advice(Cause cause) {
  switch (cause) {
    case Cause::kNoSpace:
      return "Free some space there, or raise the quota or the limit of file sizes (ulimit -f), then run again.";
    case Cause::kNoRights:
      return "Give this user the right to do that there, or run as a user who has it.";
    case Cause::kNoMemory:
      return "Let it have more memory (--memory-limit, and what the machine or container allows), or use fewer "
             "--threads.";
    case Cause::kNoThreads:
      return "The system starts no more threads: raise the limit (ulimit -u, the container's), or use fewer --threads.";
    case Cause::kTooManyFiles:
      return "Raise the limit of open files (ulimit -n), or use fewer --threads.";
    case Cause::kDiskFault:
      return "The disk or the network mount fails: see the system's log (dmesg). Once it works, run again.";
    default:
      return "";
  }
}

bool is_of_the_system(Cause cause) {
  switch (cause) {
    case Cause::kNotFound:
    case Cause::kNoRights:
    case Cause::kNoSpace:
    case Cause::kNoMemory:
    case Cause::kNoThreads:
    case Cause::kTooManyFiles:
    case Cause::kCutShort:
    case Cause::kDiskFault:
    case Cause::kNoCredentials:
    case Cause::kUnreachable:
      return true;
    default:
      return false;
  }
}

Cause cause_of_errno(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return Cause::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return Cause::kNoRights;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Cause::kNoSpace;
    case ENOMEM:
      return Cause::kNoMemory;
    case EAGAIN:
      return Cause::kNoThreads;
    case EMFILE:
    case ENFILE:
      return Cause::kTooManyFiles;
    case EIO:
    case ESTALE:
    case ENOTCONN:
      return Cause::kDiskFault;
    default:
      return Cause::kFailed;
  }
}

std::string to_text(const Place& place) {
  if (place.line == 0) return place.file;
  if (place.column == 0) return fmt::format("{}:{}", place.file, place.line);
  return fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

Error as_error(const std::exception& exception) {
  if (const auto* own = dynamic_cast<const Error*>(&exception)) return *own;
  if (const auto* system = dynamic_cast<const std::system_error*>(&exception))
    return {cause_of_errno(system->code().value()), exception.what()};
  const bool no_memory = dynamic_cast<const std::bad_alloc*>(&exception) != nullptr;
  return {no_memory ? Cause::kNoMemory : Cause::kFailed, no_memory ? "there is not enough memory" : exception.what()};
}

std::string_view Error::said() const {
  const std::string_view all = message_;
  const std::string where = to_text(place_) + ": ";
  return !place_.file.empty() && all.starts_with(where) ? all.substr(where.size()) : all;
}

}  // namespace metl
