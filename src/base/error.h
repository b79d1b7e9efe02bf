// The one exception of the program: what ends a run, with its cause, where it is and what the reader can do about it.
//
// Expected outcomes (a failing check, a commit conflict) are return values, never exceptions. A cause is given where it
// is known, from an errno, a status or a variant of a library's error, and what the program does next hangs on it
// alone: no words of a message decide anything.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace metl {

// The process's exit codes; the numbers above 2 follow BSD sysexits(3), 130 the shell's 128 + SIGINT.
enum class ExitCode : int {
  kDone = 0,
  kCheckFailed = 2,
  kRunFailed = 3,
  kUsage = 64,
  kInputMissing = 66,
  kConflict = 75,
  kConfig = 78,
  kInterrupted = 130,
};

enum class Cause {
  kUsage,           // the command line is wrong
  kConfiguration,   // a setting, a pipeline or a checks file is wrong
  kInputMissing,    // the day has not landed
  kConflict,        // another writer won; the same again can succeed
  kInterrupted,     // a signal asked for the end
  kTimedOut,        // it took longer than it may
  kCheckFailed,     // a data quality check failed
  kBadInput,        // raw data is not what the pipeline declares, or cannot be read as Parquet
  kStatement,       // a SQL statement is wrong, or fails on its data
  kNotFound,        // a file that should be there is not
  kNoRights,        // the system or the store does not allow it
  kNoSpace,         // the disk, a quota or a file's size limit is full
  kNoMemory,        // there is not enough memory
  kNoThreads,       // the system starts no more threads
  kTooManyFiles,    // the system opens no more files
  kCutShort,        // a file ends before it should
  kDiskFault,       // the disk or a network mount fails
  kNoCredentials,   // no credentials were found
  kUnreachable,     // a store or server does not answer, or not in order
  kUnknownOutcome,  // it is not known whether a commit exists; nothing may be deleted
  kDamagedTable,    // the log of a table is torn, corrupt or gone
  kNotSupported,    // a table needs what this program does not have
  kOutput,          // standard output cannot be written
  kDisagreement,    // the pipeline or its rows do not fit the table as it is
  kInternal,        // numbers that must add up do not: a bug
  kFailed,          // anything else
};

// The one mapping of causes to exit codes.
ExitCode exit_code_of(Cause cause);

// "no_space": for records and logs.
std::string_view name_of(Cause cause);

// The cause of that name; kFailed for any other.
Cause cause_named(std::string_view name);

// What to do about what the system refuses, a full sentence or more; "" where it depends.
std::string_view advice(Cause cause);

// Whether data could not be read or written, or memory was short: nothing is wrong with the data or the query.
bool is_of_the_system(Cause cause);

// What an errno says; kFailed for one that says nothing in particular.
Cause cause_of_errno(int number);

// A place in a file.
struct Place {
  std::string file;  // "" for none
  int line = 0;      // from 1; 0 for the file as a whole
  int column = 0;    // from 1; 0 for the line as a whole
};

// "checks.yaml:18:5"; "" for none.
std::string to_text(const Place& place);

class Error : public std::exception {
 public:
  // `message` says what is wrong and where; `hint`, if not empty, what to do. Neither ends in a newline.
  Error(Cause cause, std::string message, std::string hint = {})
      : cause_(cause), message_(std::move(message)), hint_(std::move(hint)) {}

  // The message begins with the place.
  Error(Cause cause, Place place, std::string_view message, std::string hint = {})
      : cause_(cause),
        place_(std::move(place)),
        message_(fmt::format("{}: {}", to_text(place_), message)),
        hint_(std::move(hint)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  Cause cause() const { return cause_; }
  ExitCode code() const { return exit_code_of(cause_); }
  const Place& place() const { return place_; }  // without a file where the message says where it is, or nowhere is
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

  // What is behind the place.
  std::string_view said() const;

  // What to do: the hint, or without one what its cause advises; "" for neither.
  std::string_view what_to_do() const { return hint_.empty() ? advice(cause_) : hint_; }

  // "<message>. <hint>", of what is said or of the whole message: for lists in which each fault is one entry.
  std::string said_in_full() const { return in_full(said()); }
  std::string in_full() const { return in_full(message_); }

  // The same error seen from one level up: "<context>: <message>". All else stays.
  Error within(std::string_view context) const {
    Error out = *this;
    out.message_ = fmt::format("{}: {}", context, message_);
    return out;
  }

  // The same with another hint.
  Error hinting(std::string hint) const {
    Error out = *this;
    out.hint_ = std::move(hint);
    return out;
  }

 private:
  std::string in_full(std::string_view text) const {
    return fmt::format("{}{}{}", text, hint_.empty() ? "" : ". ", hint_);
  }

  Cause cause_;
  Place place_;
  std::string message_;
  std::string hint_;
};

// An Error as it is; the standard library's exceptions (a vanished folder, no memory) with the cause that they tell.
Error as_error(const std::exception& exception);

}  // namespace metl
