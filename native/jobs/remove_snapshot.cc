// Moves snapshots to the trash and removes them.
#include "jobs/remove_snapshot.h"

#include "apply/delta.h"
#include "store/store.h"
#include "tree/durable.h"

namespace cura {

Status MoveToTrash(const Fd& store, const std::string& name, const std::string& trash) {
  if (RenameNew(store, name, trash) != 0) return LastError("renameat2", name, trash);
  if (SyncRenames(store) == 0) return std::nullopt;
  // After a power cut the snapshot might reappear half removed, so do not remove it.
  OsError error = LastError("fsync", name);
  sys::RenameAt(store.get(), trash.c_str(), store.get(), name.c_str());
  return error;
}

Result<Removed> RemoveHidden(const Fd& store, const std::string& name, const JobContext& job) {
  job.monitor->Begin(kRemovePhase);
  const auto top = OpenDoomed(store, name);
  if (!top.ok()) return top.error();
  // Remove the delta first: its names are extra links to inodes of the tree, and an inode counts as
  // freed with its last name. If this fails or there is no delta, the result of removing the whole
  // tree counts.
  Removed removed;
  if (!RemoveTree(top.value(), kDeltaName, job, &removed)) ++removed.entries;
  if (auto error = RemoveTree(store, name, job, &removed)) return std::move(*error);
  return removed;
}

}  // namespace cura
