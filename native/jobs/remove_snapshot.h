// Snapshots on their way out: what their removal would free, out of sight, gone.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "platform/fd.h"
#include "tree/remove.h"

namespace cura {

// Renames a snapshot to `trash`, which must not exist, and makes that durable: from then on it is
// no snapshot any more, whatever becomes of its removal. It needs no space on the disk.
Status MoveToTrash(const Fd& store, const std::string& name, const std::string& trash);

// Removes one of the store's hidden directories with all below it.
Result<Removed> RemoveHidden(const Fd& store, const std::string& name, const JobContext& job);

// What removing all these snapshots would come to. Reads them and writes nothing; what it may not
// read is not counted.
Result<Removed> MeasureRemoval(const Fd& store, const std::vector<std::string>& names,
                               const JobContext& job);

}  // namespace cura
