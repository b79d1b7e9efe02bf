#include "base/text_file.h"

#include <filesystem>

#include "base/files.h"

namespace metl {

TextFile local_text_file(const std::string& given, std::optional<mode_t> mode) {
  const std::string path = std::filesystem::absolute(given).string();
  return {path, [path] { return files::read(path, files::Links::kRefused); },
          [path, mode](const TextFile::Change& change) {
            files::create_folders(std::filesystem::path(path).parent_path());
            const files::Lock lock(path + ".lock", mode);
            files::write(path, change(files::read(path, files::Links::kRefused)), mode);
          }};
}

}  // namespace metl
