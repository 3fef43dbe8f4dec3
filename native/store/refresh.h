// Corrects a record that was copied together with its snapshot, because the copy has other inodes.
#pragma once

#include "store/proofs.h"
#include "store/stored_snapshot.h"

namespace cura {

// Returns blocks that replace those of the snapshot's manifest. They have the inode numbers of the
// tree and lack entries that the tree lacks. If the copy split the names of one inode, the names
// are marked as unproven, so that the next run joins them again. Returns ECANCELED on abort.
Result<Blocks> RefreshRecord(const StoredSnapshot& snapshot, const JobContext& job);

}  // namespace cura
