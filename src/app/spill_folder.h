// A folder for what the engine spills: of this process alone, gone with it, and swept by a later one when it was
// killed.
//
// "movies-etl-XXXXXX" below the temporary folder, which others may write into: the name is random and made new, so none
// of them can have put a link there, and only its owner can enter it (0700), for what is spilled are rows. Its process
// holds its lock (flock) and is named in it: two containers whose processes have the same id do not share it.
#pragma once

#include <filesystem>
#include <string>

#include "base/descriptor.h"

namespace metl::app {

class SpillFolder {
 public:
  // Below `parent`, which is made when needed; below the system's temporary folder if that is empty. Removes what dead
  // processes left there first. Throws Error{kConfiguration} when `parent` cannot be used. Where the system's cannot
  // be, there is no folder, and a warning: most steps need none.
  explicit SpillFolder(const std::string& parent);
  ~SpillFolder();
  SpillFolder(const SpillFolder&) = delete;
  SpillFolder& operator=(const SpillFolder&) = delete;
  std::string path() const { return path_.string(); }  // "" for none

 private:
  std::filesystem::path path_;
  files::Descriptor folder_;
};

}  // namespace metl::app
