// A small text that is replaced as a whole, in a file or an object of a store: what its owner needs to know of where it
// lies.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace metl {

struct TextFile {
  using Change = std::function<std::string(const std::optional<std::string>&)>;  // from the text that is there, if any

  std::string name;  // for messages
  std::function<std::optional<std::string>()> read;
  // Reads, changes and replaces so that of several writers none loses the other's change; may call `change` again. In
  // place for good when it returns. Throws Error; the text is then as it was.
  std::function<void(const Change& change)> update;
};

// In a local file: writers take turns (flock of FILE.lock), and a reader needs no lock. Its folder is made when needed.
// A link in its place is an error. `mode`: rights of both files, see draft.h.
TextFile local_text_file(const std::string& path, std::optional<mode_t> mode = std::nullopt);

}  // namespace metl
