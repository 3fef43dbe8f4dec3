// Removes a whole tree in parallel, by descriptors.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "tree/job_context.h"

namespace cura {

// Opens the directory `name` of `parent` for removal. Fails with kMountedCode if something is
// mounted on it, from another device or the same one.
Result<Fd> OpenDoomed(const Fd& parent, const std::string& name);

// The result of a removal.
struct Removed {
  std::uint64_t entries = 0;  // below the removed directory
  std::uint64_t bytes = 0;    // on disk, of inodes that lost their last name
  std::uint64_t inodes = 0;   // that lost it, with all directories
};

// Removes the directory `name` of `parent` with all its contents. Removes symlinks without
// following them. Fails with kMountedCode at a directory that something is mounted on, from another
// device or the same one, so nothing behind a mount point is lost. Adds missing permissions to a
// directory first, which is safe because snapshots never share directories. Adds the removed
// entries to `removed`, even on failure.
Status RemoveTree(const Fd& parent, const std::string& name, const JobContext& job,
                  Removed* removed);

}  // namespace cura
