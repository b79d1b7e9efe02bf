#include "observe/incidents.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/files.h"
#include "base/location.h"
#include "base/log.h"
#include "base/time.h"
#include "storage/store.h"

namespace metl::observe {
namespace {

// As a part of a path: a name that came by the command line may be any text.
std::string plain(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) == 0 && c != '-' && c != '_') c = '_';
  }
  return out.empty() ? "_" : out;
}

// Tells warehouses apart on one machine; FNV-1a, the same in every build.
std::string short_name(const pipeline::RecordPlace& place) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c :
       place.curated_location.empty() ? place.config_file + "\n" + place.environment : place.curated_location) {
    hash = (hash ^ c) * 0x100000001b3;
  }
  return fmt::format("{:016x}", hash);
}

bool create_local(const std::string& folder, const std::string& path, const std::string& text, mode_t mode) {
  storage::make_private_folder(folder, mode);
  const files::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file && errno == EEXIST) return false;
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) throw files::failure("write", path, errno);
  return true;
}

}  // namespace

Incidents::Incidents(pipeline::RecordPlace where, mode_t mode, bool store_answers)
    : where_(std::move(where)), mode_(mode), store_answers_(store_answers) {}

std::vector<std::string> Incidents::folders(const Subject& subject) const {
  const std::string below = fmt::format("told/{}/{}", plain(subject.pipeline), plain(subject.day));
  std::vector<std::string> out;
  const bool reached = !is_remote(where_.curated_location) || store_answers_;
  if (!where_.curated_location.empty() && reached) out.push_back(where_.curated_location + "/_runs/" + below);
  try {
    out.push_back(fmt::format("{}/{}/{}", pipeline::state_folder().string(), short_name(where_), below));
  } catch (const Error& e) {
    log::debug("nothing can be kept on this machine: {}", e.message());
  }
  return out;
}

bool Incidents::claim(const Subject& subject, std::string_view outcome) const {
  for (const auto& one : told(subject)) {
    if (one == outcome) return false;
  }
  const std::string text = iso_utc(std::chrono::system_clock::now()) + "\n";
  std::optional<Error> why;
  for (const auto& folder : folders(subject)) {
    const std::string path = fmt::format("{}/{}.{}", folder, plain(subject.observer), outcome);
    try {
      return is_remote(folder) ? storage::create_object(path, text) : create_local(folder, path, text, mode_);
    } catch (const Error& e) {
      why = e;
    }
  }
  if (why) throw *why;
  throw Error(Cause::kNotFound, "there is no place to keep what was told");
}

void Incidents::forget(const Subject& subject, std::string_view outcome) const noexcept {
  for (const auto& folder : folders(subject)) {
    try {
      storage::remove_files({fmt::format("{}/{}.{}", folder, plain(subject.observer), outcome)});
    } catch (const std::exception& e) {
      log::debug("{}", e.what());
    }
  }
}

std::vector<std::string> Incidents::told(const Subject& subject) const noexcept {
  std::vector<std::string> out;
  const std::string start = plain(subject.observer) + ".";
  for (const auto& folder : folders(subject)) {
    try {
      for (const auto& file : storage::list_files(folder)) {
        const std::string name = file.path.substr(file.path.rfind('/') + 1);
        if (name.starts_with(start)) out.push_back(name.substr(start.size()));
      }
    } catch (const std::exception& e) {
      log::debug("{}", e.what());
    }
  }
  return out;
}

}  // namespace metl::observe
