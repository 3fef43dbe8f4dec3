// Removes snapshots, and measures how much space that would free.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "platform/fd.h"
#include "tree/remove.h"

namespace cura {

// Renames a snapshot to `trash`, which must not exist, and makes the rename durable. It is no
// snapshot from then on, even if its removal fails. Needs no disk space.
Status MoveToTrash(const Fd& store, const std::string& name, const std::string& trash);

// Removes a hidden directory of the store with all its contents.
Result<Removed> RemoveHidden(const Fd& store, const std::string& name, const JobContext& job);

// Measures what removing all these snapshots would free. Only reads. Does not count directories
// that this user may not read.
Result<Removed> MeasureRemoval(const Fd& store, const std::vector<std::string>& names,
                               const JobContext& job);

}  // namespace cura
