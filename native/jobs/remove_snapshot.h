// Removes snapshots.
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

}  // namespace cura
