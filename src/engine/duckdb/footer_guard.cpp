#include "engine/duckdb/footer_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/duckdb/client.h"

namespace metl::engine {
namespace {

constexpr uint64_t kMostColumns = 10'000;  // groups included; DuckDB needs a second for so many, a minute for 100,000
constexpr size_t kMostLevels = 500;        // DuckDB's stack ends at some 30,000
constexpr uint64_t kMostRead = 16ULL * 1024 * 1024;  // bytes of a footer: the schema stands at its start
constexpr int kTrailer = 8;                          // the footer's length and "PAR1"
constexpr int64_t kTail = 64LL * 1024;               // bytes of a file's end that are read at once

// Thrift's compact protocol, as far as it takes to walk over a footer. Every read may find that the bytes end.
class Walker {
 public:
  struct End {};  // the bytes end, or are none of Thrift

  explicit Walker(std::string_view bytes) : bytes_(bytes) {}

  size_t left() const { return bytes_.size() - at_; }

  uint64_t number() {
    uint64_t out = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = next();
      out |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return out;
    }
    throw End{};
  }

  int64_t signed_number() {
    const uint64_t zigzag = number();
    return static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
  }

  struct List {
    uint64_t size;
    int type;
  };
  List list() {
    const uint8_t head = next();
    return {head >> 4 == 15 ? number() : head >> 4, head & 15};
  }

  // The next field of a struct: its type; nothing at the struct's end. `id` is the field's before, and becomes its own.
  std::optional<int> field(int64_t& id) {
    const uint8_t head = next();
    if (head == 0) return std::nullopt;
    id = head >> 4 == 0 ? signed_number() : id + (head >> 4);
    return head & 15;
  }

  void skip(int type, int depth = 0) {
    constexpr int kMostDepth = 16;  // a footer's own structs lie in each other three or four deep
    if (depth > kMostDepth) throw End{};
    switch (type) {
      case kTrue:
      case kFalse:
        return;
      case kByte:
        return advance(1);
      case kI16:
      case kI32:
      case kI64:
        number();
        return;
      case kDouble:
        return advance(8);
      case kBinary:
        return advance(number());
      case kList:
      case kSet: {
        const List all = list();
        if (all.size > left()) throw End{};
        for (uint64_t i = 0; i < all.size; ++i) all.type <= kFalse ? advance(1) : skip(all.type, depth + 1);
        return;
      }
      case kStruct: {
        int64_t id = 0;
        while (const auto inner = field(id)) skip(*inner, depth + 1);
        return;
      }
      default:
        throw End{};
    }
  }

  enum : int { kTrue = 1, kFalse, kByte, kI16, kI32, kI64, kDouble, kBinary, kList, kSet, kMap, kStruct };

 private:
  uint8_t next() {
    if (at_ == bytes_.size()) throw End{};
    return static_cast<uint8_t>(bytes_[at_++]);
  }
  void advance(uint64_t bytes) {
    if (bytes > left()) throw End{};
    at_ += bytes;
  }

  std::string_view bytes_;
  size_t at_ = 0;
};

Error refusal(const std::string& path, const std::string& what) {
  return {Cause::kBadInput, fmt::format("{}: not a readable Parquet file: its footer claims {}", path, what),
          "It is damaged, or was made to do harm. Put a whole file in its place, or move it out of the folder."};
}

// Children of one schema element.
int64_t children(Walker& walker) {
  constexpr int64_t kNumChildren = 5;
  int64_t id = 0, out = 0;
  while (const auto type = walker.field(id)) {
    if (id == kNumChildren && *type == Walker::kI32) {
      out = walker.signed_number();
    } else {
      walker.skip(*type);
    }
  }
  return out;
}

void check_schema(Walker& walker, uint64_t elements, const std::string& path) {
  if (elements > kMostColumns)
    throw refusal(path, fmt::format("{} columns, and at most {} are read", elements, kMostColumns));
  std::vector<int64_t> open;  // children still to come, of each group that is not complete
  for (uint64_t i = 0; i < elements; ++i) {
    while (!open.empty() && open.back() == 0) open.pop_back();
    if (!open.empty()) --open.back();
    if (const int64_t below = children(walker); below > 0) open.push_back(below);
    if (open.size() > kMostLevels)
      throw refusal(path, fmt::format("columns nested in more than {} levels", kMostLevels));
  }
}

void check_footer(std::string_view footer, uint64_t size, const std::string& path) {
  constexpr int64_t kSchema = 2, kRowGroups = 4;
  Walker walker(footer);
  const uint64_t unread = size - footer.size();
  int64_t id = 0;
  while (const auto type = walker.field(id)) {
    if ((id != kSchema && id != kRowGroups) || *type != Walker::kList) {
      walker.skip(*type);
      continue;
    }
    const auto all = walker.list();
    if (all.size > walker.left() + unread)  // each takes a byte at least
      throw refusal(path,
                    fmt::format("{} {}, and has {} bytes", all.size, id == kSchema ? "columns" : "row groups", size));
    if (id == kRowGroups) return;
    check_schema(walker, all.size, path);
  }
}

class LocalFile {
 public:
  explicit LocalFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  LocalFile(const LocalFile&) = delete;
  LocalFile& operator=(const LocalFile&) = delete;
  ~LocalFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  // -1 for what is no file to be read.
  int64_t size() const {
    struct stat status {};
    return fd_ >= 0 && ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
  }
  bool read(std::string& out, int64_t from) const {
    return ::pread(fd_, out.data(), out.size(), from) == static_cast<ssize_t>(out.size());
  }

 private:
  int fd_;
};

// Read by DuckDB, with its access to the store and its patience.
class StoredFile {
 public:
  StoredFile(duckdb_connection connection, const std::string& path) : connection_(connection) {
    // The access to the store is looked up in a transaction, which only statements begin by themselves.
    Result ignored;
    duckdb_query(connection_, "BEGIN TRANSACTION", ignored.out());
    Owned<duckdb_client_context, duckdb_destroy_client_context> context;
    duckdb_connection_get_client_context(connection, context.out());
    const Owned<duckdb_file_system, duckdb_destroy_file_system> files(
        duckdb_client_context_get_file_system(context.get()));
    const Owned<duckdb_file_open_options, duckdb_destroy_file_open_options> options(duckdb_create_file_open_options());
    duckdb_file_open_options_set_flag(options.get(), DUCKDB_FILE_FLAG_READ, true);
    is_open_ = duckdb_file_system_open(files.get(), path.c_str(), options.get(), handle_.out()) == DuckDBSuccess;
  }

  StoredFile(const StoredFile&) = delete;
  StoredFile& operator=(const StoredFile&) = delete;
  ~StoredFile() {
    handle_ = {};
    Result ignored;
    duckdb_query(connection_, "ROLLBACK", ignored.out());
  }

  int64_t size() const { return is_open_ ? duckdb_file_handle_size(handle_.get()) : -1; }
  bool read(std::string& out, int64_t from) const {
    if (duckdb_file_handle_seek(handle_.get(), from) != DuckDBSuccess) return false;
    for (size_t done = 0; done < out.size();) {
      const int64_t more =
          duckdb_file_handle_read(handle_.get(), out.data() + done, static_cast<int64_t>(out.size() - done));
      if (more <= 0) return false;
      done += static_cast<size_t>(more);
    }
    return true;
  }

 private:
  duckdb_connection connection_;
  Owned<duckdb_file_handle, duckdb_destroy_file_handle> handle_;
  bool is_open_ = false;
};

// The end of the file comes in one read, which mostly holds the whole footer: a store answers each only after a while.
template <typename File>
void require_sane(const File& file, const std::string& path) {
  const int64_t size = file.size();
  if (size < kTrailer) return;
  std::string tail(static_cast<size_t>(std::min(size, kTail)), '\0');
  if (!file.read(tail, size - static_cast<int64_t>(tail.size())) || !tail.ends_with("PAR1")) return;
  uint64_t length = 0;
  for (size_t i = 1; i <= 4; ++i) length = length << 8 | static_cast<uint8_t>(tail[tail.size() - 4 - i]);
  if (length > static_cast<uint64_t>(size - kTrailer)) return;
  std::string footer;
  if (length + kTrailer <= tail.size()) {
    footer = tail.substr(tail.size() - kTrailer - length, length);
  } else {
    footer.resize(std::min(length, kMostRead));
    if (!file.read(footer, size - kTrailer - static_cast<int64_t>(length))) return;
  }
  try {
    check_footer(footer, length, path);
  } catch (const Walker::End&) {
    if (length > kMostRead) throw refusal(path, fmt::format("{} bytes, and its schema does not end", length));
  }
}

}  // namespace

void require_sane_footer(const std::string& path) { require_sane(LocalFile(path), path); }

void require_sane_footer(duckdb_connection connection, const std::string& path) {
  require_sane(StoredFile(connection, path), path);
}

}  // namespace metl::engine
