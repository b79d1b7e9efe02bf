#include "table/needed.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "storage/bridged.h"
#include "storage/store.h"
#include "table/lease_format.h"
#include "table/log_entry.h"
#include "table/log_files.h"

namespace metl::table {
namespace {

using Json = nlohmann::json;

constexpr size_t kUuidLetters = 20;  // of a UUID in base 85
// A file's time is set by another clock than the times in the log, and copies have later ones.
constexpr int64_t kDoubtMillis = int64_t{24} * 3600 * 1000;

// The UUID that 20 letters of Z85 stand for; "" for anything else.
std::string uuid_of(std::string_view letters) {
  constexpr std::string_view kLetters =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  constexpr uint64_t kBase = 85;
  std::string hex;
  for (size_t group = 0; group < letters.size(); group += 5) {
    uint64_t number = 0;
    for (const char letter : letters.substr(group, 5)) {
      const size_t digit = kLetters.find(letter);
      if (digit == std::string_view::npos) return "";
      number = number * kBase + digit;
    }
    if (number > UINT32_MAX) return "";
    hex += fmt::format("{:08x}", number);
  }
  if (hex.size() != 32) return "";
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

int64_t number_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<int64_t>() : 0;
}

}  // namespace

std::string vector_file(const std::string& descriptor, const std::string& root) {
  const Json vector = Json::parse(descriptor, nullptr, false);
  if (vector.is_object() && vector.contains("storageType") && vector.contains("pathOrInlineDv")) {
    const std::string kind = vector["storageType"].get<std::string>();
    const std::string path = vector["pathOrInlineDv"].get<std::string>();
    if (kind == "i") return "";
    if (kind == "p") return below_root(decode_path(path), root);
    if (kind == "u" && path.size() >= kUuidLetters) {
      const std::string folder = path.substr(0, path.size() - kUuidLetters);
      const std::string uuid = uuid_of(std::string_view(path).substr(folder.size()));
      if (!uuid.empty()) return fmt::format("{}{}deletion_vector_{}.bin", folder, folder.empty() ? "" : "/", uuid);
    }
  }
  throw Error(Cause::kNotSupported, fmt::format("{}: a deletion vector is not understood: {}", root, descriptor),
              "Vacuum the table with the program that wrote it.");
}

Needed::Needed(const Table& table, int64_t since_millis)
    : root_(table.root()), since_(since_millis), seen_(table.version()) {
  for (const auto& file : storage::list_files(lease_folder(root_))) {
    if (auto run_id = run_of_lease(file.path.substr(file.path.rfind('/') + 1))) leased_.push_back(std::move(*run_id));
  }
  for (const auto& file : table.files({}, Table::Statistics::kLeft)) {
    paths_.insert(below_root(file.path, root_));
    if (file.deletion_vector) paths_.insert(vector_file(file.vector, root_));
  }
  uint64_t oldest = table.version() + 1;
  const auto log = log_files(root_);
  for (auto one = log.rbegin(); one != log.rend(); ++one) {
    if (!one->is_entry() || one->version > table.version()) continue;  // the newer ones are for refresh()
    oldest = one->version;
    if (one->file.modified_millis < since_ - kDoubtMillis) return;
    read_entry(one->version, storage::read_text(one->file.path).value_or(""), one->file.modified_millis);
  }
  if (oldest == 0) return;
  throw Error(
      Cause::kNotSupported,
      fmt::format("the log of {} begins with version {}, so it does not tell which files were removed since the "
                  "time from which versions are to be kept",
                  root_, oldest),
      "Set delta.logRetentionDuration of the table to more than delta.deletedFileRetentionDuration, and vacuum "
      "when the log reaches back that far.");
}

void Needed::take(const std::string& logged_path) { paths_.insert(below_root(decode_path(logged_path), root_)); }

void Needed::read_entry(uint64_t version, const std::string& text, int64_t millis) {
  std::istringstream lines(text);
  try {
    for (std::string line; std::getline(lines, line);) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const Json action = Json::parse(line);
      for (const char* kind : {"add", "remove", "cdc"}) {
        const auto file = action.find(kind);
        if (file == action.end()) continue;
        const bool removed = std::string_view(kind) == "remove";
        if (removed && std::max(millis, number_in(*file, "deletionTimestamp")) < since_) continue;
        if (!removed && millis < since_) continue;  // live, or removed since then
        take(file->at("path").get<std::string>());
        const auto vector = file->find("deletionVector");
        if (vector != file->end() && vector->is_object()) paths_.insert(vector_file(vector->dump(), root_));
      }
    }
  } catch (const Json::exception& error) {
    throw Error(Cause::kDamagedTable,
                fmt::format("version {} of the Delta log of {} is torn: {}", version, root_, error.what()));
  }
}

bool Needed::holds(const std::string& below) const {
  return paths_.contains(below) || std::any_of(leased_.begin(), leased_.end(), [&](const std::string& run_id) {
           return below.find(run_id) != std::string::npos;
         });
}

void Needed::refresh() {
  for (const uint64_t version : storage::bridged([&] { return bridge::versions_after(root_, seen_); })) {
    const std::string text = storage::bridged([&] { return std::string(bridge::log_entry(root_, version)); });
    read_entry(version, text, INT64_MAX);
    seen_ = version;
  }
}

}  // namespace metl::table
