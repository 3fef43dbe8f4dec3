// Makes a manifest from a snapshot's tree, for a snapshot that has none or a damaged one.
#pragma once

#include <memory>

#include "manifest.h"
#include "scan.h"

namespace cura {

// Reads the tree below `root`, the store's own files left out. What a tree cannot tell (inode and
// ctime of the source, an owner that this user could not have set) counts as unknown. The result
// is empty when the job was stopped.
std::optional<Manifest> Rebuild(const std::shared_ptr<Dir>& root, size_t threads, Monitor* monitor);

}  // namespace cura
