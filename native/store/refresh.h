// Makes a record right that was copied along with its snapshot: the stored inodes are others now.
#pragma once

#include "store/proofs.h"
#include "store/stored_snapshot.h"

namespace cura {

// Blocks that stand in place of those of the snapshot's manifest: with the inodes that its tree
// really has, without entries that the tree lacks, and with names of one inode that the copy has
// torn apart as not proven, so that they are joined again. ECANCELED when the job is stopped.
Result<Blocks> RefreshRecord(const StoredSnapshot& snapshot, const JobContext& job);

}  // namespace cura
