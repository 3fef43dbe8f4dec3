// Removes a whole tree, in parallel, by descriptors.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "tree/job_context.h"

namespace cura {

// Opens the directory `name` of `parent` that is to be removed: kMountedCode where something is
// mounted on it, from another device or the same.
Result<Fd> OpenDoomed(const Fd& parent, const std::string& name);

// What a removal came to.
struct Removed {
  std::uint64_t entries = 0;  // below the directory that was to go
  std::uint64_t bytes = 0;    // on disk, of inodes that lose their last name
};

// Removes the directory `name` of `parent` with all below it. Symlinks are removed, never
// followed; a directory that something is mounted on, from another device or the same, is an error
// (kMountedCode), so nothing behind a mount point is lost. A directory that its modes close is
// opened up first: directories are never shared between snapshots. (Where two threads take away the
// last two names of one inode at the same moment, its bytes are not counted.) Adds to `removed`
// what is gone, also where an error ends it.
Status RemoveTree(const Fd& parent, const std::string& name, const JobContext& job,
                  Removed* removed);

}  // namespace cura
