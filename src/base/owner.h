// Which process a file belongs to, and whether that process has surely ended: what clean-up asks before it takes what
// is another's.
#pragma once

#include <chrono>
#include <string>

namespace metl {

struct Owner {
  std::string machine;  // its boot and namespace of process ids; "" where the system does not say
  int process = 0;      // its id there
  std::string started;  // in ticks since the boot: tells it from a later process of the same id
};

Owner this_process();

// Whether a process is known to have ended: it was on this machine, in this namespace. False where that is not known.
bool has_ended(const Owner& owner);

// How far the locks of a folder are shared. All processes of a kernel see each other's on a disk of its own; on a
// network mount that each container has for itself they may not.
enum class Locks { kOfThisNamespace, kOfThisKernel };

// The same with what a file tells that its owner keeps open, and locked (flock), as long as it lives. Takes the lock of
// `file`, a descriptor of the caller's, and holds it when it answers yes.
//
//   locked by somebody                          lives
//   a process of this machine                   lives while it runs and has this very file open: locks are not shared
//                                               on every network mount, nor does a copied disk hold what was open
//   of this kernel, in another namespace       with Locks::kOfThisKernel: dead, for it would hold the lock
//   of another machine, or of nobody known      lives until the file was untouched for `untouched`, by the clock of
//                                               this machine and by that of the file system of `folder`, where it lies
bool has_surely_ended(const Owner& owner, int file, const std::string& folder, std::chrono::seconds untouched,
                      Locks locks = Locks::kOfThisNamespace);

}  // namespace metl
